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

declare module '*?assembled' {
  /** WebAssembly with SIMD, made from AssemblyScript. */
  const bytes: Uint8Array<ArrayBuffer>
  export default bytes
}

declare module '*?assembled=relaxed-simd' {
  /** The same with fused multiply-add, which not every browser takes. */
  const bytes: Uint8Array<ArrayBuffer>
  export default bytes
}
