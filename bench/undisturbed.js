/**
 * @file A browser whose pages nobody watches. Playwright has DevTools' network domain on, which keeps up to 20 MB of each answer
 * in the page's process and tells of every piece of it: more than what is to be measured. Here pages are opened and asked to
 * run something, over a pipe, and no more.
 */
import { spawn } from 'node:child_process'
import { chromiumFlags, requireBrowser } from '../scripts/browser.js'

/**
 * @typedef {{ method: string, params: Record<string, any>, sessionId?: string }} Event
 * @typedef {(result: any) => void} Settle
 */

/** @param {string} profile - A folder. */
export const launchUndisturbed = async (profile) => {
  const flags = [...chromiumFlags, '--headless', '--no-first-run', `--user-data-dir=${profile}`]
  const child = spawn(requireBrowser(), [...flags, '--remote-debugging-pipe', 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const [to, from] = /** @type {[import('node:stream').Writable, import('node:stream').Readable]} */ (
    child.stdio.slice(3)
  )
  /** @type {Map<number, { sessionId: string | undefined, resolve: Settle, reject: Settle }>} */
  const asked = new Map()
  /** Nobody answers any more. @param {string} why @param {string} [sessionId] - Of this page; without, nobody at all. */
  const giveUp = (why, sessionId) => {
    for (const [id, one] of asked)
      if (!sessionId || one.sessionId === sessionId) {
        asked.delete(id)
        one.reject(new Error(why))
      }
  }
  const isGone = () => child.exitCode !== null || child.signalCode !== null
  /** @type {Promise<void>} */
  const gone = new Promise((resolve) =>
    child.once('exit', () => {
      giveUp('the browser has gone')
      resolve()
    }),
  )
  let last = 0
  let rest = ''
  from.setEncoding('utf8')
  from.on('data', (text) => {
    const messages = (rest + text).split('\0')
    rest = messages.pop() ?? ''
    for (const message of messages) hear(JSON.parse(message))
  })

  /** @param {Event & { id?: number, result?: unknown, error?: { message: string } }} message */
  const hear = ({ id, result, error, method, sessionId }) => {
    if (id !== undefined) {
      const { resolve, reject } = /** @type {{ resolve: Settle, reject: Settle }} */ (asked.get(id))
      asked.delete(id)
      if (error) reject(new Error(error.message))
      else resolve(result)
    } else if (method === 'Inspector.targetCrashed') giveUp('the page has crashed', sessionId)
  }

  /**
   * @param {string} method
   * @param {object} [params]
   * @param {string} [sessionId]
   * @returns {Promise<any>}
   */
  const send = (method, params = {}, sessionId) =>
    new Promise((resolve, reject) => {
      if (isGone()) throw new Error('the browser has gone')
      asked.set(++last, { sessionId, resolve, reject })
      to.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`)
    })

  return {
    /** Processes that pages run in. @returns {Promise<number[]>} */
    renderers: async () => {
      /** @type {{ processInfo: { type: string, id: number }[] }} */
      const { processInfo } = await send('SystemInfo.getProcessInfo')
      return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
    },
    /** A page, when it has been loaded and `ready` is a global of it. @param {string} url @param {string} ready */
    open: async (url, ready) => {
      const { targetId } = await send('Target.createTarget', { url })
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true })
      await send('Inspector.enable', {}, sessionId)
      const page = new Page(
        (method, params) => send(method, params, sessionId),
        () => send('Target.closeTarget', { targetId }),
      )
      const there = (/** @type {string} */ name) => document.readyState === 'complete' && name in globalThis
      const notYet = (/** @type {unknown} */ e) => {
        if (isGone()) throw e
        return false // before it begins to load there is nothing that could be asked
      }
      while (!(await page.evaluate(there, ready).catch(notYet)))
        await new Promise((resolve) => setTimeout(resolve, 50))
      return page
    },
    close: async () => {
      await send('Browser.close').catch(() => undefined) // it may be gone already
      await gone
    },
  }
}

class Page {
  #send
  /** The page is gone when this is over. @type {() => Promise<unknown>} */
  close

  /** @param {(method: string, params?: object) => Promise<any>} send @param {() => Promise<unknown>} close */
  constructor(send, close) {
    this.#send = send
    this.close = close
  }

  /**
   * @template A, R
   * @param {(argument: A) => R} run - Sees nothing but its argument, which has to be what JSON can hold.
   * @param {A} argument
   * @returns {Promise<Awaited<R>>}
   */
  async evaluate(run, argument) {
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', {
      expression: `(${run})(${JSON.stringify(argument)})`,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  async collectGarbage() {
    await this.#send('HeapProfiler.collectGarbage')
  }

  /** Its process is killed, and nothing is left of it when this is over. */
  async crash() {
    await this.#send('Page.crash').catch(() => undefined)
    await this.close()
  }
}
