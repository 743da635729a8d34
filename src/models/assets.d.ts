/** @file Imports that scripts/vite-plugins.js answers. */
declare module '*?gzipped' {
  /** Absolute URL of the file, compressed with gzip in a build and as it is in development. */
  const url: string
  export default url
}
