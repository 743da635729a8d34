/** @file Budgets of scripts: what is fetched before the first paint is what the built page itself asks for. */
import { readFileSync } from 'node:fs'

const page = readFileSync(new URL('dist/index.html', import.meta.url), 'utf8')
const first = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(([, path]) => `dist/${path}`)

/** Fetched only by who asks for what they are for. */
const MEDIA = 'dist/assets/{id3,film,decoder}-*.js'
const MODELS =
  'dist/assets/{language-model,transformers,studio,Studio,folder,models,talk.svelte,ModelsPanel,TalkPanel,depot,chat}-*.js'

/** Danceba's, whose thread also brings ONNX Runtime's library. */
const DANCEBA =
  'dist/assets/{danceba,guest,guest.svelte,say-guest,Choreographer,Composing,machine,network,hearing,phase,compose}-*.js'

export default [
  { name: 'before the first paint', path: first, limit: '60 kB', gzip: true },
  {
    name: 'every other script of the page',
    path: ['dist/assets/*.js', ...[...first, MEDIA, MODELS, DANCEBA].map((path) => `!${path}`)],
    limit: '420 kB',
    gzip: true,
  },
  { name: 'what reads music files and makes films', path: MEDIA, limit: '110 kB', gzip: true },
  { name: 'Danceba', path: DANCEBA, limit: '110 kB', gzip: true },
  { name: 'models, and the conversation with them', path: MODELS, limit: '240 kB', gzip: true },
]
