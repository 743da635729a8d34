/** @file How much memory pages take: resident memory of their processes, which only Linux tells (/proc). */
import { existsSync, readFileSync } from 'node:fs'

/** Megabytes of a process that are in memory; none of one that has ended. @param {number} pid */
export const resident = (pid) => {
  const file = `/proc/${pid}/status`
  const line = existsSync(file) ? /VmRSS:\s+(\d+) kB/.exec(readFileSync(file, 'utf8')) : undefined
  return Number(line?.[1] ?? 0) / 1000
}

/** Processes that pages run in. @param {import('playwright').Browser} browser */
export const renderersOf = async (browser) => {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
}

/** As `watchProcesses`, of a page's. @param {import('playwright').Page} page */
export const watchMemory = async (page) => {
  const browser = /** @type {import('playwright').Browser} */ (page.context().browser())
  const renderers = await renderersOf(browser)
  await page.requestGC()
  return watchProcesses(renderers)
}

/**
 * Watches how much more memory than now a process has, of some the one that grows most. `most` begins anew with each call.
 * @param {readonly number[]} renderers
 */
export const watchProcesses = (renderers) => {
  const before = new Map(renderers.map((id) => [id, resident(id)]))
  let most = 0
  const timer = setInterval(() => {
    for (const id of renderers) most = Math.max(most, resident(id) - (before.get(id) ?? 0))
  }, 20)
  return {
    /** Megabytes since the last call. */
    most: () => {
      const was = most
      most = 0
      return was
    },
    stop: () => clearInterval(timer),
  }
}
