/** @file Imports that scripts/vite-plugins.js and Vite answer. */
declare module '*?gzipped' {
  /** Absolute URL of the file, compressed with gzip in a build and as it is in development. */
  const url: string
  export default url
}

declare module '*?url' {
  /** URL of the file, as it is. */
  const url: string
  export default url
}
