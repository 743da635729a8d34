/** @file Medians of windows that slide: each keeps its values in order, one goes and one comes. */

/** Values in a window, and on each side of its middle. */
export const SPAN = 31
export const REACH = 15

/** In the sorted values `window[at .. at + SPAN - 1]`, `come` takes the place of `go`, which is one of them. */
export const exchange = (window: Float64Array, at: number, go: number, come: number): void => {
  let i = at
  while (window[i]! < go) i++
  if (come >= go) {
    const last = at + SPAN - 1
    for (; i < last && window[i + 1]! < come; i++) window[i] = window[i + 1]!
  } else for (; i > at && window[i - 1]! > come; i--) window[i] = window[i - 1]!
  window[i] = come
}

/** Index in a series of `length` that is mirrored at its ends with the last value repeated: d c b a | a b c d | d c b a. */
export const mirrorIndex = (i: number, length: number): number => {
  const within = ((i % (2 * length)) + 2 * length) % (2 * length)
  return within < length ? within : 2 * length - 1 - within
}

/** The median of each value and REACH neighbours on each side. */
export const slidingMedian = (x: Float64Array, into: Float64Array): void => {
  const window = Float64Array.from({ length: SPAN }, (_, i) => x[mirrorIndex(i - REACH, x.length)]!).sort()
  into[0] = window[REACH]!
  const [inner, length] = [x.length - REACH, x.length]
  for (let k = 1; k < length; k++) {
    const go = k > REACH ? x[k - 1 - REACH]! : x[mirrorIndex(k - 1 - REACH, length)]!
    const come = k < inner ? x[k + REACH]! : x[mirrorIndex(k + REACH, length)]!
    exchange(window, 0, go, come)
    into[k] = window[REACH]!
  }
}
