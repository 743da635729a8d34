/**
 * @file The worker of classes.test.ts: each class of the catalogue, loaded by our runtime and run as an engine will run it.
 * What comes back is judged by the test; what cannot be judged there is checked here.
 */
import { serve } from '../../src/shared/wire'
import { library as T, load, run } from '../../workers/runtime/transformers'
import { graphOf } from './classes/material.js'
import { follow, hear, listen, whisper } from './classes/hear.js'
import { omni, see } from './classes/see.js'
import { chatterbox, kokoro, pocket, supertonic } from './classes/speak.js'
import { silero, smartTurn } from './classes/turn.js'
import { chat, translation } from './classes/write.js'

/** @typedef {import('../../src/shared/fault').Fault} Fault */
/** @typedef {import('../../workers/runtime/transformers').Source} Source */
/** @typedef {import('../../workers/runtime/transformers').LocalVariant} LocalVariant */
/** Each: load with this source, and give how to run it. */
const CLASSES = {
  ...{ chat, translation },
  ...{ see, omni },
  ...{ whisper, hear, listen, follow },
  ...{ kokoro, supertonic, chatterbox, pocket },
  ...{ silero, smartTurn },
}

class Classes {
  /**
   * Load and run; gives what the class made, and the addresses that this thread asked for.
   * @param {AbortSignal} signal @param {LocalVariant} variant @param {keyof typeof CLASSES} what @param {readonly string[]} argument
   */
  async try(signal, variant, what, argument) {
    const model = await load(signal, variant, (source) => {
      const build =
        /** @type {(source: Source, argument: readonly string[]) => Promise<() => Promise<object>>} */ (
          /** @type {unknown} */ (CLASSES[what])
        )
      return build(source, argument)
    })
    const made = await run(what, model)
    const asked = performance.getEntriesByType('resource').map(({ name }) => name)
    return { made, asked }
  }

  /**
   * The GPU goes while a model is loaded; what a run then says, and what the next load says.
   * @param {AbortSignal} signal @param {LocalVariant} variant
   */
  async lose(signal, variant) {
    /** @type {GPUDevice[]} */
    const devices = []
    /** @type {string[]} */
    const codes = []
    const note = (/** @type {Fault} */ { code }) => codes.push(code)
    const build = async (/** @type {Source} */ source) => {
      if (source.gpu) devices.push(source.gpu)
      return CLASSES.silero(source)
    }
    const model = await load(signal, variant, build)
    for (const device of devices) device.destroy()
    await run('hearing', model).catch(note)
    await load(signal, variant, build).catch(note)
    return codes
  }

  /** A run that fails, then one that would not. @param {AbortSignal} signal @param {LocalVariant} variant */
  async poison(signal, variant) {
    const model = await load(signal, variant, (source) => graphOf(source))
    const wrong = { input: new T.Tensor('float32', new Float32Array(3), [3, 1, 1]) }
    const errors = []
    for (let i = 0; i < 2; i++)
      try {
        await run('hearing', () => model(wrong))
      } catch (e) {
        const { code, detail } = /** @type {Fault} */ (e)
        errors.push({ code, detail })
      }
    return errors
  }
}

serve(new Classes())
