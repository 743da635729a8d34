// Image + audio + text: Gemma3nForConditionalGeneration. Every picture and every sound is the same number of tokens.
import { GraphBuilder } from '../graph-builder.js'
import { addDecoderOnly } from '../graphs/decoder-only.js'
import { embedTokens } from '../graphs/embed-tokens.js'
import { BABBLE_IDS, byteLevelTokenizer } from '../tokenizers/byte-level.js'

/** @import { RepositoryFiles } from '../build.js' */

const SHAPE = { layers: 2, hidden: 32, heads: 2, kvHeads: 1, headDim: 16 }
const PER_LAYER_SIZE = 8
const PATCH = 16
const IMAGE_TOKENS = 4
const AUDIO_TOKENS = 6
const MEL_BINS = 128

const CHAT_TEMPLATE = `{{ bos_token }}{% for message in messages -%}
{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else message['role']) + '\\n' }}{% if message['content'] is string -%}
{{ message['content'] }}{% else %}{% for item in message['content'] %}{% if item['type'] == 'image' %}{{ '<image_soft_token>' }}{% elif item['type'] == 'audio' -%}
{{ '<audio_soft_token>' }}{% else %}{{ item['text'] }}{% endif %}{% endfor %}{% endif %}{{ '<end_of_turn>\\n' }}{% endfor -%}
{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}`

/**
 * @param {RepositoryFiles} repo
 * @param {{seed?: number, endEvery?: number}} [options] endEvery: an answer ends when the total length is endEvery - 1 modulo endEvery
 */
export function buildGemma3n(repo, { seed = 1, endEvery = 64 } = {}) {
  const markers = {
    audio_token: '<audio_soft_token>',
    boa_token: '<start_of_audio>',
    eoa_token: '<end_of_audio>',
    image_token: '<image_soft_token>',
    boi_token: '<start_of_image>',
    eoi_token: '<end_of_image>',
  }
  const tokenizer = byteLevelTokenizer({
    specialTokens: ['<pad>', '<bos>', '<eos>', '<start_of_turn>', '<end_of_turn>', ...Object.values(markers)],
  })
  const { vocabSize, idOf } = tokenizer
  const endTokenId = idOf('<end_of_turn>')

  repo.onnx('vision_encoder', visionEncoder(seed))
  repo.onnx('audio_encoder', audioEncoder(seed))
  repo.onnx(
    'embed_tokens',
    embedTokens({ name: 'gemma3n', seed, vocabSize, ...SHAPE, perLayerSize: PER_LAYER_SIZE }),
  )
  const decoder = new GraphBuilder({ name: 'gemma3n-decoder', seed })
  addDecoderOnly(decoder, {
    ...SHAPE,
    vocabSize,
    input: 'inputs_embeds',
    attention: 'plain',
    numLogitsToKeep: true,
    perLayerInputSize: PER_LAYER_SIZE,
    babble: { allowedIds: BABBLE_IDS, endTokenId, endEvery },
  })
  repo.onnx('decoder_model_merged', decoder)

  repo.json('config.json', {
    model_type: 'gemma3n',
    architectures: ['Gemma3nForConditionalGeneration'],
    image_token_id: idOf(markers.image_token),
    audio_token_id: idOf(markers.audio_token),
    eos_token_id: endTokenId,
    text_config: {
      model_type: 'gemma3n_text',
      hidden_size: SHAPE.hidden,
      num_attention_heads: SHAPE.heads,
      num_key_value_heads: SHAPE.kvHeads,
      num_hidden_layers: SHAPE.layers,
      head_dim: SHAPE.headDim,
    },
  })
  repo.json('generation_config.json', {
    bos_token_id: idOf('<bos>'),
    eos_token_id: [idOf('<eos>'), endTokenId],
    pad_token_id: idOf('<pad>'),
  })
  repo.json('preprocessor_config.json', {
    processor_class: 'Gemma3nProcessor',
    image_processor_type: 'SiglipImageProcessorFast',
    do_resize: true,
    do_rescale: true,
    do_normalize: false,
    rescale_factor: 1 / 255,
    resample: 2,
    size: { width: 2 * PATCH, height: 2 * PATCH },
    feature_extractor_type: 'Gemma3nAudioFeatureExtractor',
    sampling_rate: 16000,
    feature_size: MEL_BINS,
    frame_length: 512,
    hop_length: 160,
    fft_length: 1024,
    min_frequency: 125,
    max_frequency: 7600,
    mel_floor: 1e-5,
    preemphasis: 0.97,
    preemphasis_htk_flavor: true,
    padding_value: 0,
  })
  repo.json('processor_config.json', {
    processor_class: 'Gemma3nProcessor',
    audio_seq_length: AUDIO_TOKENS,
    image_seq_length: IMAGE_TOKENS,
  })
  repo.text('chat_template.jinja', CHAT_TEMPLATE)
  repo.json('tokenizer.json', tokenizer.json)
  repo.json('tokenizer_config.json', {
    tokenizer_class: 'GemmaTokenizer',
    bos_token: '<bos>',
    eos_token: '<eos>',
    pad_token: '<pad>',
    padding_side: 'left',
    model_max_length: 8192,
    clean_up_tokenization_spaces: false,
    ...markers,
  })
}

/**
 * `pixel_values` [images, 3, height, width] -> `image_features` [images, tokens, hidden].
 * @param {number} seed
 */
function visionEncoder(seed) {
  const g = new GraphBuilder({ name: 'gemma3n-vision', seed })
  const pixels = g.input('pixel_values', 'float', ['num_images', 3, 2 * PATCH, 2 * PATCH])
  const patches = g.op('Conv', [pixels, g.weight('patch', [SHAPE.hidden, 3, PATCH, PATCH], 0.1)], {
    kernel_shape: [PATCH, PATCH],
    strides: [PATCH, PATCH],
  })
  const flat = g.op('Reshape', [patches, g.constant('int64', [0, 0, -1])])
  g.op('Transpose', [flat], { perm: [0, 2, 1] }, { as: 'image_features' })
  g.output('image_features', 'float', ['num_images', IMAGE_TOKENS, SHAPE.hidden])
  return g
}

/**
 * `input_features` [1, frames, 128], `input_features_mask` (bool) -> `audio_features` [1, tokens, hidden].
 * @param {number} seed
 */
function audioEncoder(seed) {
  const g = new GraphBuilder({ name: 'gemma3n-audio', seed })
  const features = g.input('input_features', 'float', ['batch_size', 'num_frames', MEL_BINS])
  const mask = g.input('input_features_mask', 'bool', ['batch_size', 'num_frames'])
  const there = g.op('Unsqueeze', [g.op('Cast', [mask], { to: 1 }), g.constant('int64', [2])])
  const mean = g.op('ReduceMean', [g.op('Mul', [features, there]), g.constant('int64', [1])], { keepdims: 0 })
  const size = AUDIO_TOKENS * SHAPE.hidden
  const spread = g.op('MatMul', [mean, g.weight('spread', [MEL_BINS, size], 0.02)])
  g.op(
    'Reshape',
    [spread, g.constant('int64', [-1, AUDIO_TOKENS, SHAPE.hidden])],
    {},
    { as: 'audio_features' },
  )
  g.output('audio_features', 'float', ['batch_size', AUDIO_TOKENS, SHAPE.hidden])
  return g
}
