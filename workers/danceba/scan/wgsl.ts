/**
 * @file The selective scan as a WebGPU shader. A workgroup does some channels; each of them has several threads, and each thread
 * some of the channel's states, in registers. Step sizes are made once for all of these threads, and what they sum up meets in
 * workgroup memory, eight steps at a time: two barriers for these, and little enough memory for several workgroups on a core.
 * No subgroups, no 16-bit numbers.
 */
import type { ScanShape } from './scan'

/** Threads of a workgroup. */
const THREADS = 128
/** Steps between barriers: with 8 threads a channel, each then has one step size to make and one output to write. */
const CHUNK = 8

/** How a shape is spread over threads. */
interface Spread {
  /** Threads of one channel, and the vectors of four states that each has. */
  readonly slices: number
  readonly vectors: number
  /** Channels of a workgroup, and workgroups. */
  readonly columns: number
  readonly groups: number
}

/** At most 8 threads a channel; `states` is a multiple of 4. */
export const spreadOf = ({ channels, states }: ScanShape): Spread => {
  const slices = [8, 4, 2, 1].find((count) => (states / 4) % count === 0)!
  const columns = THREADS / slices
  return {
    slices,
    vectors: states / 4 / slices,
    columns,
    groups: Math.ceil(channels / columns),
  }
}

/** The order of the numbers in the uniform: `Places` below. */
export const PLACES = [
  'steps',
  'gated',
  'carried',
  'uOffset',
  'uStride',
  'deltaOffset',
  'deltaStride',
  'zOffset',
  'zStride',
  'BOffset',
  'BStride',
  'COffset',
  'CStride',
] as const

/** The shader for scans of one shape. */
export const shaderOf = (shape: ScanShape): string => {
  const { slices, vectors, columns } = spreadOf(shape)
  const each = (line: (vector: number) => string) =>
    Array.from({ length: vectors }, (_, vector) => line(vector)).join('\n')
  return /* wgsl */ `
const CHANNELS = ${shape.channels}u;
const CHUNK = ${CHUNK}u;
const THREADS = ${THREADS}u;
const COLUMNS = ${columns}u;
const SLICES = ${slices}u;
const VECTORS = ${vectors}u;

struct Places { ${PLACES.map((name) => `${name}: u32,`).join(' ')} }

@group(0) @binding(0) var<uniform> places: Places;
@group(0) @binding(1) var<storage, read> weights: array<vec4f>; // (states / 4 × channels) of A · log2(e), then (D, bias, 0, 0)
@group(0) @binding(2) var<storage, read> u: array<f32>;
@group(0) @binding(3) var<storage, read> delta: array<f32>;
@group(0) @binding(4) var<storage, read> z: array<f32>;
@group(0) @binding(5) var<storage, read> b: array<vec4f>;
@group(0) @binding(6) var<storage, read> c: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> state: array<vec4f>; // (states / 4 × channels)
@group(0) @binding(8) var<storage, read_write> y: array<f32>;

var<workgroup> sizes: array<f32, CHUNK * COLUMNS>;
var<workgroup> sums: array<f32, CHUNK * THREADS>;

// ln(1 + e^x), keeping the relative precision of what is small: ln(1 + v) = 2 artanh(v / (2 + v)). log() itself may be off by
// 2^-21 near 1.
fn softplus(x: f32) -> f32 {
  let v = exp(-abs(x));
  let s = v / (2 + v);
  let q = s * s;
  let p = fma(q, fma(q, fma(q, fma(q, 0.28178335, 0.27960603), 0.4002491), 0.66666315), 2.0);
  return max(x, 0) + s * p;
}

@compute @workgroup_size(THREADS)
fn scan(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3u) {
  let first = group.x * COLUMNS;
  let others = arrayLength(&weights) - CHANNELS;
  let column = thread % COLUMNS;
  let channel = min(first + column, CHANNELS - 1);
  let vector = (thread / COLUMNS) * VECTORS;
${each((v) => `  let rate${v} = weights[(vector + ${v}) * CHANNELS + channel];`)}
${each((v) => `  var h${v} = vec4f();`)}
  if (places.carried != 0) {
${each((v) => `    h${v} = state[(vector + ${v}) * CHANNELS + channel];`)}
  }

  for (var begin = 0u; begin < places.steps; begin += CHUNK) {
    let steps = min(CHUNK, places.steps - begin);

    for (var i = thread; i < steps * COLUMNS; i += THREADS) {
      let at = min(first + i % COLUMNS, CHANNELS - 1);
      let x = delta[places.deltaOffset + (begin + i / COLUMNS) * places.deltaStride + at];
      sizes[i] = softplus(x + weights[others + at].y);
    }
    workgroupBarrier();

    var uAt = places.uOffset + begin * places.uStride + channel;
    var bAt = places.BOffset + begin * places.BStride + vector;
    var cAt = places.COffset + begin * places.CStride + vector;
    for (var t = 0u; t < steps; t++) {
      let size = sizes[t * COLUMNS + column];
      let input = size * u[uAt];
      var sum = vec4f();
${each(
  (v) => `      h${v} = fma(exp2(size * rate${v}), h${v}, input * b[bAt + ${v}]);
      sum = fma(h${v}, c[cAt + ${v}], sum);`,
)}
      sums[t * THREADS + thread] = (sum.x + sum.y) + (sum.z + sum.w);
      uAt += places.uStride;
      bAt += places.BStride;
      cAt += places.CStride;
    }
    workgroupBarrier();

    for (var i = thread; i < steps * COLUMNS; i += THREADS) {
      let at = first + i % COLUMNS;
      if (at < CHANNELS) {
        let t = begin + i / COLUMNS;
        var sum = weights[others + at].x * u[places.uOffset + t * places.uStride + at];
        for (var slice = 0u; slice < SLICES; slice++) {
          sum += sums[(i / COLUMNS) * THREADS + slice * COLUMNS + i % COLUMNS];
        }
        if (places.gated != 0) {
          let gate = z[places.zOffset + t * places.zStride + at];
          sum *= gate / (1 + exp(-gate));
        }
        y[t * CHANNELS + at] = sum;
      }
    }
  }
  if (places.carried != 0 && first + column < CHANNELS) {
${each((v) => `    state[(vector + ${v}) * CHANNELS + channel] = h${v};`)}
  }
}`
}
