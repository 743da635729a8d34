/** @file Whether an address may be that of a hub: it is one, nobody can change what comes from it, and the page may talk to it. */

export type AddressFault =
  { readonly why: 'notAddress' | 'notSecure' } | { readonly why: 'notAllowed'; readonly host: string }

/** Undefined for one that is good, and for none at all. `policy` is the page's own Content-Security-Policy. */
export const addressFault = (text: string, policy = policyOfPage()): AddressFault | undefined => {
  const address = text.trim()
  if (!address) return undefined
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || !/^[\w.:[\]-]+$/.test(url.host)) return { why: 'notAddress' }
  const here = url.hostname === 'localhost' || url.hostname === '127.0.0.1'
  if (url.protocol === 'http:' && !here) return { why: 'notSecure' }
  const sources = /(?:^|;)\s*connect-src ([^;]*)/.exec(policy)?.[1]?.split(/\s+/)
  if (!sources || sources.some((source) => allows(source, url))) return undefined
  return { why: 'notAllowed', host: url.host }
}

const allows = (source: string, { origin, protocol, hostname }: URL): boolean => {
  if (source === "'self'") return typeof location !== 'undefined' && origin === location.origin
  const [, scheme, suffix] = /^(https?:)\/\/\*(\..+)$/.exec(source) ?? []
  if (suffix !== undefined) return protocol === scheme && hostname.endsWith(suffix)
  return URL.canParse(source) && new URL(source).origin === origin
}

const policyOfPage = (): string =>
  document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content') ?? ''
