// Audio + text: GraniteSpeechForConditionalGeneration (audio_encoder, embed_tokens, decoder_model_merged).
import { GraphBuilder } from '../graph-builder.js'
import { addDecoderOnly } from '../graphs/decoder-only.js'
import { embedTokens } from '../graphs/embed-tokens.js'
import { BABBLE_IDS, byteLevelTokenizer } from '../tokenizers/byte-level.js'

/** @import { RepositoryFiles } from '../build.js' */

const SHAPE = { layers: 1, hidden: 32, heads: 2, kvHeads: 1, headDim: 16 }
const MEL_BINS = 80
/** So many pairs of frames become three tokens. */
const WINDOW = 15
const DOWNSAMPLE = 5

const CHAT_TEMPLATE =
  "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"

/**
 * @param {RepositoryFiles} repo
 * @param {{seed?: number, endEvery?: number}} [options] endEvery: an answer ends when the total length is endEvery - 1 modulo endEvery
 */
export function buildGraniteSpeech(repo, { seed = 1, endEvery = 64 } = {}) {
  const tokenizer = byteLevelTokenizer({ specialTokens: ['<|end_of_text|>', '<|audio|>'] })
  const { vocabSize, idOf } = tokenizer
  const endTokenId = idOf('<|end_of_text|>')

  repo.onnx('audio_encoder', audioEncoder(seed))
  repo.onnx('embed_tokens', embedTokens({ name: 'granite', seed, vocabSize, hidden: SHAPE.hidden }))
  const decoder = new GraphBuilder({ name: 'granite-decoder', seed })
  addDecoderOnly(decoder, {
    ...SHAPE,
    vocabSize,
    input: 'inputs_embeds',
    attention: 'plain',
    numLogitsToKeep: true,
    babble: { allowedIds: BABBLE_IDS, endTokenId, endEvery },
  })
  repo.onnx('decoder_model_merged', decoder)

  repo.json('config.json', {
    model_type: 'granite_speech',
    architectures: ['GraniteSpeechForConditionalGeneration'],
    audio_token_index: idOf('<|audio|>'),
    eos_token_id: endTokenId,
    text_config: {
      model_type: 'granite',
      hidden_size: SHAPE.hidden,
      num_attention_heads: SHAPE.heads,
      num_key_value_heads: SHAPE.kvHeads,
      num_hidden_layers: SHAPE.layers,
    },
  })
  repo.json('generation_config.json', { eos_token_id: endTokenId, pad_token_id: endTokenId })
  repo.json('preprocessor_config.json', {
    feature_extractor_type: 'GraniteSpeechFeatureExtractor',
    processor_class: 'GraniteSpeechProcessor',
    sampling_rate: 16000,
    melspec_kwargs: { sample_rate: 16000, n_fft: 512, win_length: 400, hop_length: 160, n_mels: MEL_BINS },
    projector_window_size: WINDOW,
    projector_downsample_rate: DOWNSAMPLE,
  })
  repo.json('processor_config.json', { processor_class: 'GraniteSpeechProcessor', audio_token: '<|audio|>' })
  repo.json('tokenizer.json', tokenizer.json)
  repo.json('tokenizer_config.json', {
    tokenizer_class: 'GPT2Tokenizer',
    clean_up_tokenization_spaces: false,
    eos_token: '<|end_of_text|>',
    pad_token: '<|end_of_text|>',
    padding_side: 'left',
    model_max_length: 4096,
    chat_template: CHAT_TEMPLATE,
  })
}

/**
 * `input_features` [1, pairs of frames, 160] -> `audio_features` [1, tokens, hidden]; the last window is filled up.
 * @param {number} seed
 */
function audioEncoder(seed) {
  const g = new GraphBuilder({ name: 'granite-audio', seed })
  const size = 2 * MEL_BINS
  const features = g.input('input_features', 'float', ['batch_size', 'num_pairs', size])
  const filler = g.tensor('filler', 'float', [1, WINDOW - 1, size], new Float32Array((WINDOW - 1) * size))
  const filled = g.op('Concat', [features, filler], { axis: 1 })
  const length = g.op('Gather', [g.op('Shape', [filled]), g.constant('int64', [1])])
  const window = g.constant('int64', [WINDOW])
  const whole = g.op('Mul', [g.op('Div', [length, window]), window])
  const kept = g.op('Slice', [filled, g.constant('int64', [0]), whole, g.constant('int64', [1])])
  const windows = g.op('Reshape', [kept, g.constant('int64', [1, -1, WINDOW * size])])
  const tokens = (WINDOW / DOWNSAMPLE) * SHAPE.hidden
  const projected = g.op('MatMul', [windows, g.weight('project', [WINDOW * size, tokens], 0.02)])
  g.op('Reshape', [projected, g.constant('int64', [1, -1, SHAPE.hidden])], {}, { as: 'audio_features' })
  g.output('audio_features', 'float', ['batch_size', 'num_tokens', SHAPE.hidden])
  return g
}
