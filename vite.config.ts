/** @file How the app is built (one page, workers, a service worker) and how its unit tests run. */
import { existsSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { playwright } from '@vitest/browser-playwright'
import { VitePWA } from 'vite-plugin-pwa'
import { defaultClientConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { assembled, contentSecurityPolicy, gzippedAssets } from './scripts/vite-plugins.js'
import { chromiumFlags, findBrowser } from './scripts/browser.js'

/** Models and numbers for tests, where they are there; Vite wants the place itself, not a link to it. */
const shared = ['data/hub', 'fixtures/danceba']
  .map((folder) => new URL(`../shared/${folder}`, import.meta.url))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => [fileURLToPath(folder), realpathSync(folder)])

export default defineConfig(({ mode }) => ({
  base: './', // any folder of any static host
  assetsInclude: ['**/*.bin'], // HeadAudio's prototypes
  resolve: {
    dedupe: ['three'], // two copies break three-vrm's materials
    // ONNX Runtime without its glue and an address of its WebAssembly inside: workers/runtime/transformers.ts gives it both.
    conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
  },
  plugins: [
    gzippedAssets(),
    assembled(),
    svelte({ configFile: false }),
    contentSecurityPolicy(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/pwa',
      filename: 'sw.ts',
      injectRegister: false, // src/pwa/pwa.svelte.ts registers it
      manifest: false, // public/manifest.webmanifest
      injectManifest: {
        globPatterns: ['**/*.{html,js,mjs,css,woff2,svg,png,webp,webmanifest,vrm,bin,wasm,md}'],
        globIgnores: ['screenshots/**', 'sw.js', '**/ort-*.wasm'], // 27 MB: shipped as .bin, kept when first used
        maximumFileSizeToCacheInBytes: 64 * 2 ** 20,
        rollupFormat: 'iife',
      },
    }),
  ],
  worker: { format: 'es', plugins: () => [gzippedAssets(), assembled()] },
  build: {
    target: 'esnext',
    chunkSizeWarningLimit: 1000, // three.js; size-limit in package.json judges
    modulePreload: { polyfill: false }, // every browser with module workers has it
    license: { fileName: 'licenses.md' },
  },
  preview: { port: 4173, strictPort: true },
  test: {
    // What is waited for comes late on a machine with more to do; these are there for what never comes.
    expect: { requireAssertions: true, poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: ['test/node/**/*.test.ts'],
          testTimeout: 60_000, // beside a browser on two cores
        },
      },
      {
        extends: true,
        server: { fs: { allow: ['.', ...shared] } },
        // Found only in the middle of a run, they would reload it.
        optimizeDeps: {
          include: [
            '@huggingface/transformers',
            '@lucide/svelte',
            '@pixiv/three-vrm',
            'comlink',
            'hash-wasm',
            'mediabunny',
            'signalsmith-stretch',
            'three',
          ],
        },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/hub/setup.ts'],
          testTimeout: 120_000, // graphs on SwiftShader
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                ...(mode === 'test' && { executablePath: findBrowser() ?? 'chromium' }),
                args: [
                  ...chromiumFlags,
                  '--autoplay-policy=no-user-gesture-required',
                  '--enable-features=SharedArrayBuffer', // as in the app, which is isolated
                ],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
}))
