/** @file What axe finds on a page that stands still, in both colours. */
import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from '@playwright/test'
import { expect, newPage } from './fixtures'

export const COLOURS = ['light', 'dark'] as const

/** In a context of its own, which is to be closed. */
export const stillPage = async (browser: Browser, colorScheme: (typeof COLOURS)[number]): Promise<Page> => {
  const viewport = { width: 960, height: 720 }
  const context = await browser.newContext({
    viewport,
    locale: 'en-GB',
    colorScheme,
    reducedMotion: 'reduce',
  })
  return newPage(context)
}

/** @param within - A selector; the whole page without. */
export const expectNothingSerious = async (page: Page, state: string, within?: string) => {
  const axe = new AxeBuilder({ page })
  const { violations } = await (within ? axe.include(within) : axe).analyze()
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  expect(
    serious.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => [html, failureSummary])]),
    state,
  ).toEqual([])
}
