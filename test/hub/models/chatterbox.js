// Voice-cloning speech synthesis: ChatterboxModel with its four graphs.
import { GraphBuilder } from '../graph-builder.js'
import { addDecoderOnly } from '../graphs/decoder-only.js'
import { addToneSequence, tokenPitch } from '../graphs/tone-sequence.js'
import { byteLevelTokenizer, templateProcessor } from '../tokenizers/byte-level.js'
import { randomFloats } from '../seeded-random.js'

/** @import { RepositoryFiles } from '../build.js' */

const SHAPE = { layers: 1, hidden: 16, heads: 1, kvHeads: 1, headDim: 16 }
const START_SPEECH = 6561 // transformers.js has this id built in
const STOP_SPEECH = 6562
const VOCAB_SIZE = 6563 // text tokens and speech tokens share one table here
const SAMPLE_RATE = 24000
const SAMPLES_PER_SPEECH_TOKEN = 960 // 25 tokens per second
const SPEAKER_SIZE = 192
const FEATURE_BINS = 80

/**
 * @param {RepositoryFiles} repo
 * @param {{seed?: number, endEvery?: number}} [options] endEvery: speech ends when the total length is endEvery - 1 modulo endEvery
 */
export function buildChatterbox(repo, { seed = 1, endEvery = 64 } = {}) {
  const tokenizer = byteLevelTokenizer({
    specialTokens: ['[START]', '[STOP]', '[UNK]'],
    fixedIds: { '[START_SPEECH]': START_SPEECH },
  })

  repo.onnx('embed_tokens', embedTokens(seed))
  repo.onnx('speech_encoder', speechEncoder(seed))
  repo.onnx('language_model', languageModel(seed, endEvery))
  repo.onnx('conditional_decoder', conditionalDecoder(seed))

  repo.json('config.json', {
    model_type: 'chatterbox',
    architectures: ['ChatterboxModel'],
    sampling_rate: SAMPLE_RATE,
    text_config: {
      model_type: 'llama',
      hidden_size: SHAPE.hidden,
      num_attention_heads: SHAPE.heads,
      num_key_value_heads: SHAPE.kvHeads,
      num_hidden_layers: SHAPE.layers,
      head_dim: SHAPE.headDim,
      vocab_size: VOCAB_SIZE,
    },
    'transformers.js_config': {},
  })
  repo.json('generation_config.json', {
    bos_token_id: START_SPEECH,
    eos_token_id: [STOP_SPEECH],
    repetition_penalty: 1.2,
  })
  repo.json('preprocessor_config.json', {
    feature_extractor_type: 'ChatterboxFeatureExtractor',
    processor_class: 'ChatterboxProcessor',
    sampling_rate: SAMPLE_RATE,
  })
  repo.json('tokenizer.json', {
    ...tokenizer.json,
    post_processor: templateProcessor(tokenizer, ['A', '[START_SPEECH]']),
  })
  repo.json('tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    unk_token: '[UNK]',
    pad_token: '[STOP]',
  })
  // A ready-made voice: what `encode_speech` returns for some reference clip, as little-endian float32/int64 files.
  for (const [name, data] of Object.entries(speakerTensors(seed)))
    repo.bytes(`default_voice/${name}.bin`, new Uint8Array(data.buffer))
}

/**
 * `input_ids`, `position_ids`, `exaggeration` -> `inputs_embeds`.
 * @param {number} seed
 */
function embedTokens(seed) {
  const g = new GraphBuilder({ name: 'chatterbox-embed', seed })
  const ids = g.input('input_ids', 'int64', ['batch_size', 'sequence_length'])
  const positions = g.input('position_ids', 'int64', ['batch_size', 'sequence_length'])
  const exaggeration = g.input('exaggeration', 'float', ['batch_size'])
  const embedded = g.op('Gather', [g.weight('embed', [VOCAB_SIZE, SHAPE.hidden], 1), ids])
  const position = g.op('Unsqueeze', [g.op('Cast', [positions], { to: 1 }), g.constant('int64', [2])])
  const emotion = g.op('Unsqueeze', [exaggeration, g.constant('int64', [1, 2])])
  const small = g.op('Add', [
    g.op('Mul', [position, g.constant('float', 0.001)]),
    g.op('Mul', [emotion, g.constant('float', 0.1)]),
  ])
  g.op('Add', [embedded, small], {}, { as: 'inputs_embeds' })
  g.output('inputs_embeds', 'float', ['batch_size', 'sequence_length', SHAPE.hidden])
  return g
}

/** @param {number} seed */
function speakerTensors(seed) {
  return {
    audio_features: randomFloats(seed, 'chatterbox/audio_features', 5 * SHAPE.hidden, 1),
    audio_tokens: BigInt64Array.from([10n, 20n, 30n, 40n]),
    speaker_embeddings: randomFloats(seed, 'chatterbox/speaker_embeddings', SPEAKER_SIZE, 1),
    speaker_features: randomFloats(seed, 'chatterbox/speaker_features', 8 * FEATURE_BINS, 1),
  }
}

/**
 * `audio_values` -> `audio_features`, `audio_tokens`, `speaker_embeddings`, `speaker_features`.
 * @param {number} seed
 */
function speechEncoder(seed) {
  const g = new GraphBuilder({ name: 'chatterbox-speech-encoder', seed })
  const audio = g.input('audio_values', 'float', ['batch_size', 'num_samples'])
  const base = speakerTensors(seed)
  const loudness = g.op('ReduceMean', [g.op('Abs', [audio]), g.constant('int64', [1])], { keepdims: 1 }) // tells voices apart
  const loudness3d = g.op('Unsqueeze', [loudness, g.constant('int64', [2])])
  /**
   * @param {'audio_features' | 'speaker_embeddings' | 'speaker_features'} name
   * @param {number[]} dims
   * @param {string} by
   */
  const shift = (name, dims, by) =>
    g.op('Add', [by, g.tensor(`base_${name}`, 'float', dims, base[name])], {}, { as: name })
  g.output(shift('audio_features', [1, 5, SHAPE.hidden], loudness3d), 'float', [
    'batch_size',
    'audio_length',
    SHAPE.hidden,
  ])
  const tokens = g.tensor('base_audio_tokens', 'int64', [1, 4], base.audio_tokens)
  g.output(g.op('Identity', [tokens], {}, { as: 'audio_tokens' }), 'int64', ['batch_size', 'prompt_length'])
  g.output(shift('speaker_embeddings', [1, SPEAKER_SIZE], loudness), 'float', ['batch_size', SPEAKER_SIZE])
  g.output(shift('speaker_features', [1, 8, FEATURE_BINS], loudness3d), 'float', [
    'batch_size',
    'feature_length',
    FEATURE_BINS,
  ])
  return g
}

/**
 * `inputs_embeds`, `attention_mask`, `past_key_values.*` -> `logits`, `present.*`.
 * @param {number} seed @param {number} endEvery
 */
function languageModel(seed, endEvery) {
  const g = new GraphBuilder({ name: 'chatterbox-lm', seed })
  const speechTokens = Array.from({ length: START_SPEECH }, (_, id) => id)
  addDecoderOnly(g, {
    ...SHAPE,
    vocabSize: VOCAB_SIZE,
    input: 'inputs_embeds',
    babble: { allowedIds: speechTokens, endTokenId: STOP_SPEECH, endEvery },
  })
  return g
}

/**
 * `speech_tokens`, `speaker_embeddings`, `speaker_features` -> `waveform`.
 * @param {number} seed
 */
function conditionalDecoder(seed) {
  const g = new GraphBuilder({ name: 'chatterbox-decoder', seed })
  const tokens = g.input('speech_tokens', 'int64', ['batch_size', 'num_speech_tokens'])
  const embeddings = g.input('speaker_embeddings', 'float', ['batch_size', SPEAKER_SIZE])
  const features = g.input('speaker_features', 'float', ['batch_size', 'feature_length', FEATURE_BINS])
  /** @param {string} value @param {number[]} axes */
  const mean = (value, axes) => g.op('ReduceMean', [value, g.constant('int64', axes)], { keepdims: 0 })
  const voice = g.op('Unsqueeze', [
    g.op('Add', [mean(embeddings, [1]), mean(features, [1, 2])]),
    g.constant('int64', [1]),
  ])
  const frequencies = g.op('Add', [tokenPitch(g, tokens, 120), g.op('Mul', [voice, g.constant('float', 50)])])
  addToneSequence(g, {
    frequencies,
    samplesPerToken: SAMPLES_PER_SPEECH_TOKEN,
    sampleRate: SAMPLE_RATE,
    as: 'waveform',
  })
  g.output('waveform', 'float', ['batch_size', 'num_samples'])
  return g
}
