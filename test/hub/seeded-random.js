// Reproducible weights: a tensor depends only on the seed and its own name,
// so adding a weight to a graph does not change the others.

/** @param {string} text */
function hash(text) {
  let value = 0x811c9dc5 // FNV-1a
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}

/**
 * Returns a function that yields uniform numbers in [-1, 1).
 * @param {number} seed @param {string} name
 */
export function seededUniform(seed, name) {
  let state = hash(`${seed}/${name}`)
  return () => {
    state = (state + 0x6d2b79f5) >>> 0 // mulberry32
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2147483648 - 1
  }
}

/**
 * Numbers in [-scale, scale).
 * @param {number} seed @param {string} name @param {number} count @param {number} scale
 */
export function randomFloats(seed, name, count, scale) {
  const next = seededUniform(seed, name)
  return Float32Array.from({ length: count }, () => next() * scale)
}
