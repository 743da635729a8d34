/**
 * @file The selective scan in AssemblyScript (a strict kind of TypeScript that becomes WebAssembly): four channels a vector.
 *
 * A group is four channels. While its time runs, four of their states and of the rates of these are held in registers; the
 * decay exp(step · rate) is made where it is used, so that nothing of the size time × channels × states is ever stored.
 * Compiled twice: with `relaxed-simd` a product and its sum are one instruction (fused multiply-add) where the processor has it.
 */

/** Words of a job, addresses but for the first four: `writeJob` in ../memory.ts writes them in this order. */
const STEPS: usize = 0
const GROUPS: usize = 4
const STATES: usize = 8
const STRIDE: usize = 12
const RATES: usize = 16
const SKIP: usize = 20
const BIAS: usize = 24
const U: usize = 28
const DELTA: usize = 32
const Z: usize = 36
const B: usize = 40
const C: usize = 44
const Y: usize = 48
const STATE_IN: usize = 52
const STATE_OUT: usize = 56
const JOB_BYTES: usize = 64

/** Groups that a thread takes at once: some 60 µs of work. */
const BLOCK_GROUPS: usize = 8

/**
 * Takes blocks of the jobs until none is left. Any number of threads may be inside at once.
 *
 * @param left - Address of the number of blocks that nobody has taken; it goes below zero.
 * @param done - Address of the number of blocks that are finished; who waits on it is woken by each.
 * @param jobs - Address of the jobs, 64 bytes each.
 * @param blocks - Blocks of one job.
 * @param scratch - Address of this thread's own 48 bytes a step.
 */
export function work(left: usize, done: usize, jobs: usize, blocks: i32, scratch: usize): void {
  while (true) {
    const block = atomic.sub<i32>(left, 1) - 1
    if (block < 0) return
    const job = jobs + usize(block / blocks) * JOB_BYTES
    const first = usize(block % blocks) * BLOCK_GROUPS
    const end = min(first + BLOCK_GROUPS, word(job, GROUPS))
    for (let group = first; group < end; group++) scanGroup(job, group, scratch)
    atomic.add<i32>(done, 1)
    atomic.notify(done, 1)
  }
}

function word(job: usize, at: usize): usize {
  return load<u32>(job + at)
}

function scanGroup(job: usize, group: usize, scratch: usize): void {
  const steps = word(job, STEPS)
  const states = word(job, STATES)
  const stride = word(job, STRIDE)
  const column = group << 4
  const sizes = scratch
  const inputs = sizes + (steps << 4)
  const sums = inputs + (steps << 4)

  prepare(job, column, stride, steps, sizes, inputs, sums)

  const b = word(job, B)
  const c = word(job, C)
  const row = states << 2
  const rates = word(job, RATES) + group * (states << 4)
  const from = word(job, STATE_IN)
  const to = word(job, STATE_OUT)
  for (let n: usize = 0; n < states; n += 4) {
    const at = rates + (n << 4)
    const rate0 = v128.load(at)
    const rate1 = v128.load(at, 16)
    const rate2 = v128.load(at, 32)
    const rate3 = v128.load(at, 48)
    let h0 = f32x4.splat(0)
    let h1 = h0
    let h2 = h0
    let h3 = h0
    const held = group * (states << 4) + (n << 4)
    if (from) {
      h0 = v128.load(from + held)
      h1 = v128.load(from + held, 16)
      h2 = v128.load(from + held, 32)
      h3 = v128.load(from + held, 48)
    }
    let bAt = b + (n << 2)
    let cAt = c + (n << 2)
    for (let t: usize = 0; t < steps << 4; t += 16) {
      const size = v128.load(sizes + t)
      const input = v128.load(inputs + t)
      let sum = v128.load(sums + t)
      h0 = madd(decay(size, rate0), h0, f32x4.mul(input, v128.load32_splat(bAt)))
      sum = madd(h0, v128.load32_splat(cAt), sum)
      h1 = madd(decay(size, rate1), h1, f32x4.mul(input, v128.load32_splat(bAt, 4)))
      sum = madd(h1, v128.load32_splat(cAt, 4), sum)
      h2 = madd(decay(size, rate2), h2, f32x4.mul(input, v128.load32_splat(bAt, 8)))
      sum = madd(h2, v128.load32_splat(cAt, 8), sum)
      h3 = madd(decay(size, rate3), h3, f32x4.mul(input, v128.load32_splat(bAt, 12)))
      sum = madd(h3, v128.load32_splat(cAt, 12), sum)
      v128.store(sums + t, sum)
      bAt += row
      cAt += row
    }
    if (to) {
      v128.store(to + held, h0)
      v128.store(to + held, h1, 16)
      v128.store(to + held, h2, 32)
      v128.store(to + held, h3, 48)
    }
  }

  finish(job, column, stride, steps, sums)
}

/** Of every step: its size softplus(delta + bias), what it puts in (size · u), and D · u, with which the sum begins. */
function prepare(
  job: usize,
  column: usize,
  stride: usize,
  steps: usize,
  sizes: usize,
  inputs: usize,
  sums: usize,
): void {
  const bias = v128.load(word(job, BIAS) + column)
  const skip = v128.load(word(job, SKIP) + column)
  let uAt = word(job, U) + column
  let deltaAt = word(job, DELTA) + column
  for (let t: usize = 0; t < steps << 4; t += 16) {
    const u = v128.load(uAt)
    const size = softplus(f32x4.add(v128.load(deltaAt), bias))
    v128.store(sizes + t, size)
    v128.store(inputs + t, f32x4.mul(size, u))
    v128.store(sums + t, f32x4.mul(skip, u))
    uAt += stride
    deltaAt += stride
  }
}

/** What comes out: the sums, each times z · sigmoid(z) where there is a gate. */
function finish(job: usize, column: usize, stride: usize, steps: usize, sums: usize): void {
  const gated = word(job, Z)
  let zAt = gated + column
  let yAt = word(job, Y) + column
  for (let t: usize = 0; t < steps << 4; t += 16) {
    let y = v128.load(sums + t)
    if (gated) y = f32x4.mul(y, silu(v128.load(zAt)))
    v128.store(yAt, y)
    zAt += stride
    yAt += stride
  }
}

/**
 * exp(step · A), where `rate` is A · log2(e) and not above 0. What is smaller than 2^-64 stays there: it is nothing beside what
 * a step puts in, and a product with it is still a normal number, which processors multiply a hundred times faster than others.
 */
function decay(size: v128, rate: v128): v128 {
  return exp2(f32x4.pmax(f32x4.mul(size, rate), f32x4.splat(-64)))
}

/** x · sigmoid(x). */
function silu(x: v128): v128 {
  const e = exp2(clamp(f32x4.mul(x, f32x4.splat(-1.4426950408889634))))
  return f32x4.div(x, f32x4.add(e, f32x4.splat(1)))
}

/**
 * ln(1 + e^x) = max(x, 0) + ln(1 + y), y = e^-|x|; and ln(1 + y) = 2 artanh(s), s = y / (2 + y) ≤ 1/3, by a minimax polynomial
 * in s² (relative error 4e-9 before rounding), because what is small must keep its relative precision.
 */
function softplus(x: v128): v128 {
  const y = exp2(clamp(f32x4.mul(f32x4.abs(x), f32x4.splat(-1.4426950408889634))))
  const s = f32x4.div(y, f32x4.add(y, f32x4.splat(2)))
  const q = f32x4.mul(s, s)
  let p = madd(q, f32x4.splat(0.28178335250621706), f32x4.splat(0.27960602677896734))
  p = madd(q, p, f32x4.splat(0.40024910287430404))
  p = madd(q, p, f32x4.splat(0.6666631468186311))
  p = madd(q, p, f32x4.splat(2.0000000079210487))
  return madd(s, p, f32x4.pmax(x, f32x4.splat(0)))
}

/** Where 2^x is a normal number. */
function clamp(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(-126)), f32x4.splat(126))
}

/**
 * 2^x for −126 ≤ x ≤ 126: x = n + f with n whole and |f| ≤ 1/2; 2^f by the minimax polynomial of degree 5 that is exactly 1 at 0
 * (so that a slow state does not drift), with a relative error of 9.2e-8, 1.9e-7 with all roundings. A sixth degree has 2e-9
 * and leaves the outputs as far from the right ones as they are, since the states themselves are rounded. n goes into the
 * exponent: adding 1.5 · 2^23 rounds to it, and then it lies in the lowest bits of the sum.
 */
function exp2(x: v128): v128 {
  const whole = f32x4.add(x, f32x4.splat(12582912))
  const f = f32x4.sub(x, f32x4.sub(whole, f32x4.splat(12582912)))
  let p = madd(f, f32x4.splat(0.0013264727211470596), f32x4.splat(0.009671512639450474))
  p = madd(f, p, f32x4.splat(0.055507337433625195))
  p = madd(f, p, f32x4.splat(0.24022242085421766))
  p = madd(f, p, f32x4.splat(0.6931469775988683))
  p = madd(f, p, f32x4.splat(1))
  return i32x4.add(p, i32x4.shl(whole, 23))
}

/** a · b + c, in one rounding where the processor can. */
function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<f32>(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}
