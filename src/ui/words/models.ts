/** @file What the panel of models says, in both languages: fetched with the panel, as it is long. */
import type { Task } from '../../shared/contracts'
import type { Availability } from '../../models/device'
import type { Forward, Reason } from '../../models/placement'
import type { Refusal } from '../../models/inspect'

const gb = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`

const en = {
  size: gb,
  about: (size: string) => `about ${size}`,
  intro: 'Models run on this device. Nothing is fetched until you ask for it, and nothing you say leaves it.',
  device: 'This device',
  deviceGpu: (name: string, half: boolean) =>
    `Graphics: ${name}${half ? '' : ', without 16-bit numbers'}`,
  deviceSoftwareGpu: 'Graphics: drawn by the processor',
  deviceNoGpu: 'Graphics: none that pages may compute on',
  deviceCores: (cores: number, isolated: boolean) =>
    `Processor: ${cores} ${cores === 1 ? 'core' : 'cores'}${isolated ? '' : ', of which models get one'}`,
  deviceMemory: (gb: number) => `Memory: ${gb} GB`,
  deviceMemoryUnknown: 'Memory: the browser does not say',
  deviceStorage: (used: string, free: string) => `Storage: ${used} in use, ${free} free`,
  deviceNoStorage: 'Storage: this browser lets the page keep no files',
  copy: 'Copy for a bug report',
  copied: 'Copied',
  memory: 'Memory of this device',
  memoryAuto: 'As the browser says',
  force: 'Run on',
  forces: { auto: 'Automatic', cpu: 'Processor only' },
  keep: 'Keep for good',
  kept: 'The browser keeps these files for good.',
  notKept: 'The browser may clear them when room is short.',
  used: (size: string) => `${size} of models here`,
  tasks: {
    chat: 'Talk',
    see: 'See',
    hear: 'Hear',
    speak: 'Speak',
    translate: 'Translate',
    dance: 'Dance',
    turn: 'Take turns',
  } satisfies Record<Task, string>,
  best: 'Best for this device',
  chosen: 'In use',
  choose: 'Use',
  fetch: (size: string) => `Fetch ${size}`,
  resume: (size: string) => `Go on (${size} to go)`,
  pause: 'Pause',
  remove: 'Remove',
  removeSure: (name: string) => `Remove ${name} from this device?`,
  yes: 'Remove',
  no: 'Keep it',
  here: (size: string) => `Here, works offline (${size})`,
  shipped: 'Ships with the app, works offline',
  later: 'The app cannot use it yet.',
  progress: (done: string, of: string) => `${done} of ${of}`,
  speed: (size: string) => `${size}/s`,
  left: (seconds: number) =>
    seconds < 90 ? `${Math.ceil(seconds)} s left` : `${Math.round(seconds / 60)} min left`,
  waiting: (seconds: number) => `The server asks for a pause: trying again in ${Math.ceil(seconds)} s`,
  runsOn: {
    webgpu: (memory: string) => `Runs on the graphics card, with ${memory} of memory`,
    wasm: (memory: string) => `Runs on the processor, with ${memory} of memory`,
    browser: 'Comes with this browser',
  },
  speedOf: (tokens: number) => `about ${tokens < 10 ? tokens.toFixed(1) : Math.round(tokens)} words a second`,
  runsNot: 'Does not run here',
  languages: (count: number) => (count === 1 ? '1 language' : `${count} languages`),
  parameters: (millions: number) =>
    millions >= 1000 ? `${(millions / 1000).toFixed(1)} billion parameters` : `${millions} million parameters`,
  nonCommercial: 'not for commercial use',
  licence: (name: string) => `Licence: ${name}`,
  other: 'Another model of the hub',
  otherHint: 'The name of any repository with ONNX files: owner/name.',
  look: 'Look at it',
  looking: 'Looking …',
  added: (name: string) => `${name} is on the list.`,
  access: 'Where models come from',
  mirror: 'Address of a mirror (empty: huggingface.co)',
  token: 'Token for gated models; kept on this device, sent to the hub only',
  carry: 'Carry to another machine',
  pack: 'Save all models as one file',
  unpack: 'Add such a file …',
  packing: 'Saving …',
  reason: (reason: Reason): string => {
    switch (reason.why) {
      case 'forced':
        return reason.on === 'cpu' ? 'Set to run on the processor only.' : 'Set to run on the graphics card.'
      case 'no-gpu':
        return {
          'no-api': 'This browser has no WebGPU.',
          'no-adapter': 'No graphics card was found that pages may compute on.',
          failed: 'The graphics card did not answer.',
        }[reason.how]
      case 'software-gpu':
        return 'Graphics are computed by the processor here, which is slower than our own code for it.'
      case 'rule':
        if ('dtype' in reason)
          return reason.rule === 'no-bnb4'
            ? 'Weights of this kind (bitsandbytes) are not run.'
            : '8-bit weights are slow or wrong on graphics cards.'
        return reason.rule === '32-gb'
          ? `So large a model gets the graphics card from 32 GB of memory on; there are ${reason.has}.`
          : `So large a model gets the graphics card from 16 GB of memory on; there are ${reason.has}.`
      case 'feature-missing':
        return `The graphics card lacks ${reason.feature === 'shader-f16' ? '16-bit numbers' : reason.feature}.`
      case 'known-bad':
        return {
          garbage: `Known to give garbage in ${reason.dtype} (${reason.source}).`,
          distorted: `Known to be distorted in ${reason.dtype} (${reason.source}).`,
          slow: `Known to be slow in ${reason.dtype} (${reason.source}).`,
          fails: `Known to fail in ${reason.dtype} (${reason.source}).`,
        }[reason.problem]
      case 'failed-test':
        return `Tried here, and failed on the ${reason.on === 'webgpu' ? 'graphics card' : 'processor'}.`
      case 'files-missing':
        return `Its repository has no files in ${reason.dtype}.`
      case 'no-room-on-gpu':
        return `${gb(reason.needs)} would not fit beside the stage (${gb(reason.free)} to spare).`
      case 'no-room-in-memory':
        return `${gb(reason.needs)} would not fit into memory (${gb(reason.free)} to spare).`
      case 'others-loaded':
        return `${gb(reason.needs)} would fit if other models made room.`
      case 'heap-full':
        return `It needs ${gb(reason.needs)}; on the processor a page gets ${gb(reason.limit)}.`
      case 'file-too-large':
        return `One of its files has ${gb(reason.bytes)}; browsers read up to ${gb(reason.limit)}.`
      case 'buffer-too-small':
        return `It needs pieces of ${gb(reason.needs)}; the graphics card takes ${gb(reason.limit)}.`
      case 'no-room-on-disk':
        return `It needs ${gb(reason.needs)} of storage; ${gb(reason.free)} are free.`
      case 'memory-unknown':
        return `The browser does not say how much memory there is: ${reason.assumed} GB are assumed.`
      case 'one-thread':
        return 'It gets one core only, as the page is not isolated.'
      case 'faster-on-cpu':
        return `The processor was faster here: ${Math.round(reason.cpu)} words a second, not ${Math.round(reason.gpu)}.`
      case 'bring-files':
        return `You bring its files: ${reason.files.map(({ name }) => name).join(', ')}.`
      case 'not-in-browser':
        return 'This browser does not have it.'
      case 'browser-fetches':
        return 'The browser fetches it itself, once.'
    }
  },
  forward: (forward: Forward): string => {
    switch (forward.do) {
      case 'unload-others':
        return 'Remove another model, or use this one alone.'
      case 'free-disk':
        return `Free ${gb(forward.bytes)} of storage.`
      case 'say-memory':
        return 'If this device has more memory, say so above.'
      case 'stop-forcing':
        return 'Set “Run on” to automatic.'
      case 'use-another-browser':
        return 'Chrome or Edge may run it.'
      case 'take-another':
        return 'Take a smaller one.'
    }
  },
  refusal: (refusal: Refusal): string => {
    switch (refusal.why) {
      case 'config-missing':
        return 'That repository has no config.json, so nobody knows what it is.'
      case 'not-json':
        return refusal.html
          ? `${refusal.path} is a web page. Is the address that of a hub?`
          : `${refusal.path} cannot be read.`
      case 'no-graphs':
        return refusal.instead
          ? `That repository has ${refusal.instead} weights only. Look for one whose name ends in ONNX.`
          : 'That repository has no ONNX files. Look for one whose name ends in ONNX.'
      case 'class-unknown':
        return `Models of the kind “${refusal.type}” are not known to the library yet.`
      case 'no-use':
        return `Models of the kind “${refusal.type}” have no part on this stage.`
      case 'files-missing':
        return `That repository is incomplete: it lacks ${refusal.paths.slice(0, 3).join(', ')}.`
      case 'only-bnb4':
        return 'That repository has bitsandbytes weights only, which are not run here.'
    }
  },
  builtIn: {
    absent: 'no',
    unavailable: 'not on this device',
    downloadable: 'can be fetched by the browser',
    downloading: 'being fetched by the browser',
    available: 'yes',
  } satisfies Record<Availability, string>,
  deviceBuiltIn: (state: string) => `The browser’s own language model: ${state}`,
}

export type ModelWords = typeof en

export const modelWords = { en }
