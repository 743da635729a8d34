// @ts-nocheck: the library's types say little of what goes into a model
/**
 * @file The worker of classes.test.ts: each class of the catalogue, loaded by our runtime and run as an engine will run it.
 * What comes back is judged by the test; what cannot be judged there is checked here.
 */
import { serve } from '../../src/shared/wire'
import { library as T, load, run } from '../../workers/runtime/transformers'
import { follow, hear, listen, whisper } from './classes/hear.js'
import { omni, see } from './classes/see.js'
import { chatterbox, kokoro, pocket, supertonic } from './classes/speak.js'
import { silero, smartTurn } from './classes/turn.js'
import { chat, translation } from './classes/write.js'

/** Each: load with this source, and give how to run it. */
const CLASSES = {
  ...{ chat, translation },
  ...{ see, omni },
  ...{ whisper, hear, listen, follow },
  ...{ kokoro, supertonic, chatterbox, pocket },
  ...{ silero, smartTurn },
}

class Classes {
  /** Load and run; gives what the class made, and the addresses that this thread asked for. */
  async try(signal, variant, what, argument) {
    const model = await load(signal, variant, (source) => CLASSES[what](source, argument))
    const made = await run(what, model)
    const asked = performance.getEntriesByType('resource').map(({ name }) => name)
    return { made, asked }
  }

  /** The GPU goes while a model is loaded; what a run then says, and what the next load says. */
  async lose(signal, variant) {
    let device
    const build = async (source) => {
      device = source.gpu
      return CLASSES.silero(source)
    }
    const model = await load(signal, variant, build)
    device.destroy()
    const codes = []
    await run('hearing', model).catch(({ code }) => codes.push(code))
    await load(signal, variant, build).catch(({ code }) => codes.push(code))
    return codes
  }

  /** A run that fails, then one that would not. */
  async poison(signal, variant) {
    const model = await load(signal, variant, ({ name, options }) =>
      T.AutoModel.from_pretrained(name, { ...options, config: { model_type: 'custom' } }),
    )
    const wrong = { input: new T.Tensor('float32', new Float32Array(3), [3, 1, 1]) }
    const errors = []
    for (let i = 0; i < 2; i++)
      try {
        await run('hearing', () => model(wrong))
      } catch (e) {
        errors.push({ code: e.code, detail: e.detail })
      }
    return errors
  }
}

serve(new Classes())
