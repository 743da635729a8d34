/** @file The window of Kaiser and the sinc that it cuts off. */

/** The modified Bessel function of order 0, by its power series. */
const bessel0 = (x: number): number => {
  let [sum, term] = [1, 1]
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

/** 1 in the middle, 0 outside of -1 to 1. */
export const kaiser = (x: number, beta: number): number =>
  Math.abs(x) > 1 ? 0 : bessel0(beta * Math.sqrt(1 - x * x)) / bessel0(beta)

/** sin(πx)/πx. */
export const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))
