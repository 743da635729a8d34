// Kokoro-style speech synthesis: StyleTextToSpeech2Model plus voice files.
import { GraphBuilder } from '../graph-builder.js'
import { addToneSequence, tokenPitch } from '../graphs/tone-sequence.js'
import { phonemeTokenizer } from '../tokenizers/phonemes.js'
import { randomFloats } from '../seeded-random.js'

/** @import { RepositoryFiles } from '../build.js' */

const STYLE_SIZE = 256
const MAX_TOKENS = 510 // a voice file has one style vector per input length
const SAMPLE_RATE = 24000
const VOICES = { af_heart: 0.3, af_bella: 0.2, am_adam: -0.3, bm_george: -0.2 } // mean of the style = pitch of the voice

/**
 * @param {RepositoryFiles} repo
 * @param {{seed?: number}} [options]
 */
export function buildKokoro(repo, { seed = 1 } = {}) {
  const tokenizer = phonemeTokenizer()
  const g = new GraphBuilder({ name: 'kokoro', seed })
  const ids = g.input('input_ids', 'int64', [1, 'sequence_length'])
  const style = g.input('style', 'float', [1, STYLE_SIZE])
  const speed = g.input('speed', 'float', [1])
  const voice = g.op('ReduceMean', [style, g.constant('int64', [1])], { keepdims: 1 })
  const frequencies = g.op('Add', [tokenPitch(g, ids, 150), g.op('Mul', [voice, g.constant('float', 200)])])
  addToneSequence(g, { frequencies, samplesPerToken: 1800, sampleRate: SAMPLE_RATE, speed, as: 'waveform' })
  g.output('waveform', 'float', [1, 'num_samples'])

  repo.onnx('model', g)
  repo.json('config.json', { model_type: 'style_text_to_speech_2' })
  repo.json('tokenizer.json', tokenizer.json)
  repo.json('tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    pad_token: '$',
    unk_token: '$',
    model_max_length: 512,
  })
  for (const [name, mean] of Object.entries(VOICES)) {
    repo.floats(
      `voices/${name}.bin`,
      randomFloats(seed, `kokoro/${name}`, MAX_TOKENS * STYLE_SIZE, 0.1).map((value) => value + mean),
    )
  }
}
