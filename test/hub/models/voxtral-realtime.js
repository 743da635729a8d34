// Speech that is written while it is spoken: VoxtralRealtimeForConditionalGeneration. Its encoder keeps keys and values too,
// and what its convolutions need of the chunk before.
import { GraphBuilder } from '../graph-builder.js'
import { addDecoderOnly, dimension, plainAttention, randomParameters } from '../graphs/decoder-only.js'
import { embedTokens } from '../graphs/embed-tokens.js'
import { BABBLE_IDS, byteLevelTokenizer } from '../tokenizers/byte-level.js'

/** @import { RepositoryFiles } from '../build.js' */

const SHAPE = { layers: 1, hidden: 32, heads: 2, kvHeads: 1, headDim: 16 }
const MEL_BINS = 128
const END = 9223372036854775807n

/**
 * A token is 8 frames of sound, 80 ms. It babbles for as long as there is sound.
 * @param {RepositoryFiles} repo
 * @param {{seed?: number}} [options]
 */
export function buildVoxtralRealtime(repo, { seed = 1 } = {}) {
  const tokenizer = byteLevelTokenizer({ specialTokens: ['<s>', '</s>'] })
  const { vocabSize, idOf } = tokenizer
  const endTokenId = idOf('</s>')

  repo.onnx('audio_encoder', audioEncoder(seed))
  repo.onnx('embed_tokens', embedTokens({ name: 'voxtral', seed, vocabSize, hidden: SHAPE.hidden }))
  const decoder = new GraphBuilder({ name: 'voxtral-decoder', seed })
  addDecoderOnly(decoder, {
    ...SHAPE,
    vocabSize,
    input: 'inputs_embeds',
    babble: { allowedIds: BABBLE_IDS, endTokenId, endEvery: 1000 },
  })
  repo.onnx('decoder_model_merged', decoder)

  const part = (/** @type {string} */ type) => ({
    model_type: `voxtral_realtime_${type}`,
    hidden_size: SHAPE.hidden,
    num_attention_heads: SHAPE.heads,
    num_key_value_heads: SHAPE.kvHeads,
    num_hidden_layers: SHAPE.layers,
    head_dim: SHAPE.headDim,
  })
  repo.json('config.json', {
    model_type: 'voxtral_realtime',
    architectures: ['VoxtralRealtimeForConditionalGeneration'],
    eos_token_id: endTokenId,
    text_config: part('text'),
    audio_config: { ...part('encoder'), num_mel_bins: MEL_BINS },
  })
  repo.json('generation_config.json', { eos_token_id: endTokenId, pad_token_id: endTokenId })
  repo.json('preprocessor_config.json', {
    feature_extractor_type: 'VoxtralRealtimeFeatureExtractor',
    processor_class: 'VoxtralRealtimeProcessor',
    sampling_rate: 16000,
    feature_size: MEL_BINS,
    n_fft: 400,
    hop_length: 160,
    global_log_mel_max: 1.5,
  })
  repo.json('tokenizer.json', tokenizer.json)
  repo.json('tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    clean_up_tokenization_spaces: false,
    eos_token: '</s>',
    model_max_length: 4096,
  })
}

/**
 * `input_features` [1, 128, frames], `attention_mask`, `position_ids`, `past_padding_cache` [1, 128 + hidden, 2],
 * `past_key_values.{i}.*` -> `audio_embeds` [1, frames / 8, hidden], `present_padding_cache`, `present.{i}.*`.
 * @param {number} seed
 */
function audioEncoder(seed) {
  const g = new GraphBuilder({ name: 'voxtral-audio', seed })
  const { hidden, heads, headDim } = SHAPE
  const features = g.input('input_features', 'float', ['batch_size', MEL_BINS, 'num_frames'])
  const past = g.input('past_padding_cache', 'float', ['batch_size', MEL_BINS + hidden, 2])
  const mask = g.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length'])
  /** @param {string} x @param {number | bigint} from @param {number | bigint} to @param {number} axis */
  const slice = (x, from, to, axis) =>
    g.op('Slice', [x, ...[from, to, axis].map((value) => g.constant('int64', [value]))])

  // The first convolution looks back two frames, the second one.
  const first = g.op('Concat', [slice(past, 0, MEL_BINS, 1), features], { axis: 2 })
  const heard = g.op('Tanh', [convolve(g, first, 'conv1', MEL_BINS, 1)])
  const second = g.op('Concat', [slice(slice(past, MEL_BINS, END, 1), 1, END, 2), heard], { axis: 2 })
  const halved = convolve(g, second, 'conv2', hidden, 2)
  g.op(
    'Concat',
    [slice(first, -2, END, 2), slice(heard, -2, END, 2)],
    { axis: 1 },
    { as: 'present_padding_cache' },
  )
  g.output('present_padding_cache', 'float', ['batch_size', MEL_BINS + hidden, 2])

  const x = g.op('Transpose', [halved], { perm: [0, 2, 1] })
  const parameters = randomParameters(g, { hidden, vocabSize: 0 })
  const attend = plainAttention(g, SHAPE, mask, dimension(g, x, 1), dimension(g, mask, 1))
  /** @param {string} name @param {number} size */
  const project = (name, size) => parameters.linear(x, name, hidden, size)
  const context = attend(0, {
    q: project('q', heads * headDim),
    k: project('k', SHAPE.kvHeads * headDim),
    v: project('v', SHAPE.kvHeads * headDim),
  })
  const mixed = g.op('Add', [x, parameters.linear(context, 'o', heads * headDim, hidden)])
  // Four steps of 20 ms are one token.
  const grouped = g.op('Reshape', [mixed, g.constant('int64', [1, -1, 4 * hidden])])
  g.op('MatMul', [grouped, g.weight('project', [4 * hidden, hidden], 0.1)], {}, { as: 'audio_embeds' })
  g.output('audio_embeds', 'float', ['batch_size', 'num_tokens', hidden])
  return g
}

/** @param {GraphBuilder} g @param {string} x @param {string} name @param {number} from @param {number} stride */
function convolve(g, x, name, from, stride) {
  return g.op('Conv', [x, g.weight(name, [SHAPE.hidden, from, 3], 0.1)], {
    kernel_shape: [3],
    strides: [stride],
  })
}
