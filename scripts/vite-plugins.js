/** @file What the build does beyond Vite: the Content-Security-Policy, and large files shipped compressed. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { gzipSync } from 'node:zlib'
import { HEADERS } from './headers.js'

/** The hub, and where it sends one for large files. */
const HUB = ['https://huggingface.co', 'https://*.huggingface.co', 'https://*.hf.co']

/**
 * The policy, as a meta element because a static host may let nobody set headers. Nothing is inline, nothing is
 * evaluated but WebAssembly. Models come from the hub's hosts, when the person asks, and from what `PROSCENIUM_CONNECT` names at
 * build time (mirrors, separated by spaces); nothing else is fetched from elsewhere. `blob:` is for pictures inside an avatar.
 * `frame-ancestors` works in a header only: a host that can set headers should add it.
 */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "font-src 'self'",
  ["connect-src 'self'", ...HUB, ...(process.env['PROSCENIUM_CONNECT']?.split(/\s+/) ?? [])].join(' ').trim(),
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** @returns {import('vite').Plugin} */
export const contentSecurityPolicy = () => ({
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
      injectTo: 'head-prepend',
    },
  ],
  // For the hosts that read it (Netlify, Cloudflare Pages and others): from the first visit on, and for workers as well.
  generateBundle() {
    const headers = { ...HEADERS, 'Content-Security-Policy': POLICY }
    const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`)
    this.emitFile({ type: 'asset', fileName: '_headers', source: ['/*', ...lines, ''].join('\n') })
  },
})

const SUFFIX = '?gzipped'

/**
 * Every worker is a build of its own, and each that asks for a file gets it.
 * @type {Map<string, Buffer>}
 */
const done = new Map()

/** @param {string} file */
const gzipped = (file) => {
  const bytes = done.get(file) ?? gzipSync(readFileSync(file), { level: 9 })
  done.set(file, bytes)
  return bytes
}

/**
 * `import url from 'file?gzipped'`: the URL of the file, compressed in the build because not every host compresses,
 * and named `.bin` because some hosts unpack `.gz` on the way and some do not. Readers look at the first bytes.
 * @returns {import('vite').Plugin}
 */
export const gzippedAssets = () => {
  let building = false
  return {
    name: 'gzipped-assets',
    enforce: 'pre',
    configResolved: (config) => {
      building = config.command === 'build'
    },
    async resolveId(source, importer) {
      if (!source.endsWith(SUFFIX)) return null
      const found = await this.resolve(source.slice(0, -SUFFIX.length), importer, { skipSelf: true })
      return found && found.id + SUFFIX
    },
    load(id) {
      if (!id.endsWith(SUFFIX)) return null
      const file = id.slice(0, -SUFFIX.length)
      if (!building) return `export default ${JSON.stringify(`/@fs/${file}`)}`
      const asset = this.emitFile({
        type: 'asset',
        name: `${basename(file)}.bin`,
        source: gzipped(file),
      })
      return `export default import.meta.ROLLUP_FILE_URL_${asset}`
    },
  }
}
