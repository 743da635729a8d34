// Image + audio + text: Gemma4ForConditionalGeneration (vision_encoder, audio_encoder, embed_tokens, decoder_model_merged).
import { GraphBuilder } from '../graph-builder.js'
import { addDecoderOnly } from '../graphs/decoder-only.js'
import { embedTokens } from '../graphs/embed-tokens.js'
import { BABBLE_IDS, byteLevelTokenizer } from '../tokenizers/byte-level.js'

/** @import { RepositoryFiles } from '../build.js' */

const SHAPE = { layers: 2, hidden: 32, heads: 2, kvHeads: 1, headDim: 16 }
const PER_LAYER_SIZE = 8
const PATCH = 16
const MAX_IMAGE_TOKENS = 16 // 4 x 4 patches of 16 pixels; the real model pools 3 x 3 patches into one token
const MEL_BINS = 128
const MAX_AUDIO_TOKENS = 750

const CHAT_TEMPLATE = `{{ bos_token }}{% for message in messages %}{% set role = 'model' if message['role'] == 'assistant' else message['role'] -%}
{{ '<|turn>' + role + '\\n' }}{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for item in message['content'] -%}
{% if item['type'] == 'image' %}{{ '<|image|>' }}{% elif item['type'] == 'audio' %}{{ '<|audio|>' }}{% elif item['type'] == 'text' %}{{ item['text'] }}{% endif -%}
{% endfor %}{% endif %}{{ '<turn|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|turn>model\\n' }}{% endif %}`

/**
 * @param {RepositoryFiles} repo
 * @param {{seed?: number, endEvery?: number}} [options] endEvery: an answer ends when the total length is endEvery - 1 modulo endEvery
 */
export function buildGemma4(repo, { seed = 1, endEvery = 64 } = {}) {
  const markers = {
    audio_token: '<|audio|>',
    boa_token: '<|audio>',
    eoa_token: '<audio|>',
    image_token: '<|image|>',
    boi_token: '<|image>',
    eoi_token: '<image|>',
  }
  const tokenizer = byteLevelTokenizer({
    specialTokens: ['<pad>', '<bos>', '<eos>', '<|turn>', '<turn|>', ...Object.values(markers)],
  })
  const endTokenId = tokenizer.idOf('<turn|>')

  repo.onnx('vision_encoder', visionEncoder(seed))
  repo.onnx('audio_encoder', audioEncoder(seed))
  repo.onnx(
    'embed_tokens',
    embedTokens({
      name: 'gemma4',
      seed,
      vocabSize: tokenizer.vocabSize,
      ...SHAPE,
      perLayerSize: PER_LAYER_SIZE,
    }),
  )
  const decoder = new GraphBuilder({ name: 'gemma4-decoder', seed })
  addDecoderOnly(decoder, {
    ...SHAPE,
    vocabSize: tokenizer.vocabSize,
    input: 'inputs_embeds',
    attention: 'plain',
    numLogitsToKeep: true,
    perLayerInputSize: PER_LAYER_SIZE,
    babble: { allowedIds: BABBLE_IDS, endTokenId, endEvery },
  })
  repo.onnx('decoder_model_merged', decoder)

  repo.json('config.json', {
    model_type: 'gemma4',
    architectures: ['Gemma4ForConditionalGeneration'],
    image_token_id: tokenizer.idOf(markers.image_token),
    audio_token_id: tokenizer.idOf(markers.audio_token),
    eos_token_id: endTokenId,
    text_config: {
      model_type: 'gemma4_text',
      hidden_size: SHAPE.hidden,
      hidden_size_per_layer_input: PER_LAYER_SIZE,
      num_attention_heads: SHAPE.heads,
      num_key_value_heads: SHAPE.kvHeads,
      num_hidden_layers: SHAPE.layers,
      num_kv_shared_layers: 0,
      head_dim: SHAPE.headDim,
      vocab_size: tokenizer.vocabSize,
    },
    vision_config: { model_type: 'gemma4_vision' },
    audio_config: { model_type: 'gemma4_audio' },
    'transformers.js_config': {},
  })
  repo.json('generation_config.json', {
    bos_token_id: tokenizer.idOf('<bos>'),
    eos_token_id: [tokenizer.idOf('<eos>'), endTokenId],
    pad_token_id: tokenizer.idOf('<pad>'),
  })
  repo.json('preprocessor_config.json', { processor_class: 'Gemma4Processor' })
  repo.json('processor_config.json', {
    processor_class: 'Gemma4Processor',
    audio_ms_per_token: 40,
    audio_seq_length: MAX_AUDIO_TOKENS,
    image_seq_length: MAX_IMAGE_TOKENS,
    image_processor: {
      image_processor_type: 'Gemma4ImageProcessor',
      patch_size: PATCH,
      max_soft_tokens: MAX_IMAGE_TOKENS,
      pooling_kernel_size: 1,
      resample: 3,
      rescale_factor: 1 / 255,
    },
    feature_extractor: {
      feature_extractor_type: 'Gemma4AudioFeatureExtractor',
      sampling_rate: 16000,
      feature_size: MEL_BINS,
      frame_length: 320,
      hop_length: 160,
      fft_length: 512,
      min_frequency: 0,
      max_frequency: 8000,
      mel_floor: 0.001,
      preemphasis: 0,
      preemphasis_htk_flavor: true,
      padding_value: 0,
    },
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
    chat_template: CHAT_TEMPLATE,
    ...markers,
  })
}

/**
 * `pixel_values`, `pixel_position_ids` -> `image_features` [tokens of all images, hidden], without the padding patches.
 * @param {number} seed
 */
function visionEncoder(seed) {
  const g = new GraphBuilder({ name: 'gemma4-vision', seed })
  const patchSize = 3 * PATCH * PATCH
  const patches = g.input('pixel_values', 'float', ['num_images', 'max_patches', patchSize])
  const positions = g.input('pixel_position_ids', 'int64', ['num_images', 'max_patches', 2])
  const flatPatches = g.op('Reshape', [patches, g.constant('int64', [-1, patchSize])])
  const flatPositions = g.op('Reshape', [positions, g.constant('int64', [-1, 2])])
  const column = g.op('Gather', [flatPositions, g.constant('int64', 0)], { axis: 1 }) // -1 marks padding
  const isReal = g.op('GreaterOrEqual', [column, g.constant('int64', 0)])
  const kept = g.op('Compress', [flatPatches, isReal], { axis: 0 })
  const keptPositions = g.op('Cast', [g.op('Compress', [flatPositions, isReal], { axis: 0 })], { to: 1 })
  const content = g.op('MatMul', [kept, g.weight('patch', [patchSize, SHAPE.hidden], 0.05)])
  const place = g.op('MatMul', [keptPositions, g.weight('position', [2, SHAPE.hidden], 0.1)])
  g.op('Add', [content, place], {}, { as: 'image_features' })
  g.output('image_features', 'float', ['num_image_tokens', SHAPE.hidden])
  return g
}

/**
 * `input_features`, `input_features_mask` -> `audio_features` [tokens, hidden], without the padding frames.
 * @param {number} seed
 */
function audioEncoder(seed) {
  const g = new GraphBuilder({ name: 'gemma4-audio', seed })
  const features = g.input('input_features', 'float', ['batch_size', 'num_frames', MEL_BINS])
  const mask = g.input('input_features_mask', 'bool', ['batch_size', 'num_frames'])
  /** @param {string} x @param {string} name @param {number} inputSize */
  const conv = (x, name, inputSize) =>
    g.op('Conv', [x, g.weight(name, [SHAPE.hidden, inputSize, 3], 0.1)], {
      kernel_shape: [3],
      strides: [2],
      pads: [1, 1],
    })
  const channelsFirst = g.op('Transpose', [features], { perm: [0, 2, 1] })
  const encoded = conv(g.op('Tanh', [conv(channelsFirst, 'conv1', MEL_BINS)]), 'conv2', SHAPE.hidden)
  const tokens = g.op('Reshape', [
    g.op('Transpose', [encoded], { perm: [0, 2, 1] }),
    g.constant('int64', [-1, SHAPE.hidden]),
  ])

  // Two convolutions with stride 2 leave ((frames - 1) / 2) / 2 + 1 tokens; the processor counts them the same way.
  const frames = g.op('ReduceSum', [g.op('Cast', [mask], { to: 7 }), g.constant('int64', [0, 1])], {
    keepdims: 0,
  })
  const two = g.constant('int64', 2)
  const one = g.constant('int64', 1)
  const halved = g.op('Div', [g.op('Sub', [frames, one]), two])
  const count = g.op('Add', [g.op('Div', [halved, two]), one])
  const limited = g.op('Reshape', [
    g.op('Min', [count, g.constant('int64', MAX_AUDIO_TOKENS)]),
    g.constant('int64', [1]),
  ])
  g.op(
    'Slice',
    [tokens, g.constant('int64', [0]), limited, g.constant('int64', [0])],
    {},
    { as: 'audio_features' },
  )
  g.output('audio_features', 'float', ['num_audio_tokens', SHAPE.hidden])
  return g
}
