/** @file Sizes of files, as they are said in every language. */

/** As exact as one cares to know. */
export const sizeOfBytes = (bytes: number): string => {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`
  if (bytes >= 1e5) return `${(bytes / 1e6).toFixed(bytes < 9.95e6 ? 1 : 0)} MB`
  return `${Math.round(bytes / 1e3)} kB`
}
