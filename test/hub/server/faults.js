/**
 * @file The list of active faults. A fault is a plain object, so it can also be sent as JSON over the control endpoint.
 *
 *   path            which requests: "<repo>/<file>" or "api/models/...", `*` matches anything     (required)
 *   times           only the first N matching answers (default: all)
 *   skip            leave the first N matching answers alone (default: 0)
 *   probes          also hit HEAD requests and one-byte ranges, which only ask for the size (default: false)
 *   at              'hub' = the first answer, which is a redirect for files; 'storage' = the answer with the bytes.
 *                   Default: 'hub' for status and noAnswer, 'storage' for the others. API answers are both at once.
 *
 *   status          answer with this status, e.g. 429, 503, 401; with `retryAfter` (seconds), `errorCode`, `exposeRetryAfter`
 *   noAnswer        accept the request and never answer
 *   cutAfter        close the connection after N body bytes
 *   stallAfter      send N body bytes and then nothing more, with the connection left open
 *   corruptAt       invert the byte at this offset of the file
 *   lengthDelta     announce this many bytes more (+) or fewer (-) than the body has; fewer also sends fewer
 *   bytesPerSecond  send slowly
 *   noRange         ignore the Range header and answer 200 with the whole file
 *   noCors          leave out the CORS headers
 *   redirectTo      answer with a redirect to the same path at this origin
 */

/**
 * @typedef {{
 *   path: string, times?: number, skip?: number, probes?: boolean, at?: 'hub' | 'storage',
 *   status?: number, retryAfter?: number, errorCode?: string, exposeRetryAfter?: boolean, message?: string,
 *   noAnswer?: boolean, cutAfter?: number, stallAfter?: number, corruptAt?: number, lengthDelta?: number,
 *   bytesPerSecond?: number, noRange?: boolean, noCors?: boolean, redirectTo?: string,
 * }} FaultSwitch
 * @typedef {FaultSwitch & { at: 'hub' | 'storage', id: number, matched: number, applied: number, pattern: RegExp }} ActiveFault
 */

const wildcardToRegExp = (/** @type {string} */ pattern) =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  )

export class FaultList {
  /** @type {ActiveFault[]} */
  #faults = []
  #nextId = 1

  /** @param {FaultSwitch} fault */
  add(fault) {
    if (typeof fault.path !== 'string') throw new Error('A fault needs a "path".')
    const defaultPlace = fault.status || fault.noAnswer ? 'hub' : 'storage'
    const entry = /** @type {ActiveFault} */ ({
      at: defaultPlace,
      ...fault,
      id: this.#nextId++,
      matched: 0,
      applied: 0,
    })
    Object.defineProperty(entry, 'pattern', { value: wildcardToRegExp(fault.path) })
    this.#faults.push(entry)
    return entry.id
  }

  /** @param {number} id */
  remove(id) {
    this.#faults = this.#faults.filter((fault) => fault.id !== id)
  }

  clear() {
    this.#faults = []
  }

  list() {
    return this.#faults
  }

  /**
   * Returns the fault for this answer (the newest one that matches) or null, and counts it as applied.
   * @param {{key: string, places: readonly ('hub' | 'storage')[], isProbe: boolean}} answer
   */
  take({ key, places, isProbe }) {
    for (const fault of [...this.#faults].reverse()) {
      if (!fault.pattern.test(key) || !places.includes(fault.at) || (isProbe && !fault.probes)) continue
      fault.matched++
      if (fault.matched <= (fault.skip ?? 0) || fault.applied >= (fault.times ?? Infinity)) continue
      fault.applied++
      return fault
    }
    return null
  }
}
