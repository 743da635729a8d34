/** @file How e2e runs: the production build in a real Chromium, one test at a time (two cores draw, speak and judge). */
import { defineConfig } from '@playwright/test'
import { chromiumFlags, requireBrowser } from './scripts/browser.js'

export default defineConfig({
  testDir: 'e2e',
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  forbidOnly: Boolean(process.env['CI']),
  use: { launchOptions: { executablePath: requireBrowser(), args: chromiumFlags } },
  reporter: 'list',
  outputDir: 'test-results',
})
