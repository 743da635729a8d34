/** @file A request to a hub that brought nothing → the Fault that says why. */
import { Fault } from './fault'
import { isPassing } from './retry'

/**
 * Addresses that the page's own policy (CSP) did not let out: to who asks it looks like a network that is not there. True where
 * the address itself may be asked, and sends one on to another that may not; browsers do not say to which.
 */
const forbidden = new Map<string, boolean>()
// Not in Node, where there is no policy.
if ('addEventListener' in globalThis)
  globalThis.addEventListener('securitypolicyviolation', (event: Event & Partial<Violation>) => {
    const { blockedURI, originalPolicy = '' } = event
    if (!blockedURI || !URL.canParse(blockedURI)) return
    const places = /connect-src ([^;]*)/.exec(originalPolicy)?.[1]?.split(' ') ?? []
    forbidden.set(blockedURI, places.includes(new URL(blockedURI).origin))
  })

type Violation = Pick<SecurityPolicyViolationEvent, 'blockedURI' | 'originalPolicy'>

/**
 * Of what `fetch` threw: `not-allowed` with reason `policy` (or `policy-redirect`) where this page may not ask there (or where
 * that leads), so that asking again is of no use;
 * else `offline`: nobody answers, or in a way that no page may read (CORS). A browser does not tell the two apart.
 */
export const unreachable = async (url: string, cause: unknown): Promise<Fault> => {
  const detail = { what: 'model', host: new URL(url).host }
  await new Promise((resolve) => setTimeout(resolve)) // the event comes a moment after the failure
  const asked = url.replace(/#.*/, '')
  const redirected = forbidden.get(asked)
  return forbidden.delete(asked)
    ? new Fault('not-allowed', `the policy of this page does not let it ask ${url}, or where that leads`, {
        detail: { ...detail, reason: redirected ? 'policy-redirect' : 'policy' },
      })
    : new Fault('offline', `could not reach ${url}, or it lets no page read its answers`, { detail, cause })
}

/**
 * Of an answer that is none: `not-allowed` (`gated`, `no-repo`: not there or not for everybody, the hub does not tell, or
 * `forbidden`), or `load-failed` (`busy`, `not-found`, `refused`).
 */
export const refusalOf = ({ status, headers }: Response, url: string, withToken: boolean): Fault => {
  if (status === 401 || status === 403) {
    const code = headers.get('x-error-code')
    const reason = code === 'GatedRepo' ? 'gated' : code === 'RepoNotFound' ? 'no-repo' : 'forbidden'
    return new Fault('not-allowed', `${url} answered ${status}`, {
      detail: { what: 'model', reason, status, withToken },
    })
  }
  const reason = isPassing(status) ? 'busy' : status === 404 || status === 410 ? 'not-found' : 'refused'
  return new Fault('load-failed', `${url} answered ${status}`, { detail: { what: 'model', reason, status } })
}
