// Image + text, in the layout vision_encoder, embed_tokens, decoder_model_merged: each class with its own encoder and processor.
import { GraphBuilder } from '../graph-builder.js'
import { addDecoderOnly } from '../graphs/decoder-only.js'
import { embedTokens } from '../graphs/embed-tokens.js'
import { BABBLE_IDS, byteLevelTokenizer } from '../tokenizers/byte-level.js'

/**
 * @import { RepositoryFiles } from '../build.js'
 * @import { LayerType } from '../graphs/decoder-only.js'
 */

/**
 * What a class is told, and how its encoder looks.
 * @typedef {object} Kind
 * @property {string} type
 * @property {string} architecture
 * @property {string} [textType]
 * @property {readonly LayerType[]} [layerTypes]
 * @property {number} [positionAxes]
 * @property {string} marker what stands for a picture in the prompt
 * @property {string[]} specialTokens
 * @property {(idOf: (token: string) => number) => object} config
 * @property {(g: GraphBuilder) => void} encoder
 * @property {object} preprocessor
 * @property {object} [processor]
 */

/** @typedef {'lfm2-vl' | 'fastvlm' | 'mistral3' | 'qwen3.5'} SeeingModel the name of the tiny model */

const HIDDEN = 32
const SHAPE = { hidden: HIDDEN, heads: 2, kvHeads: 1, headDim: 16 }
const PATCH = 16

const NORMAL = {
  do_convert_rgb: true,
  do_normalize: true,
  do_rescale: true,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
  rescale_factor: 1 / 255,
}

/** @type {Record<SeeingModel, Kind>} */
const KINDS = {
  'lfm2-vl': {
    type: 'lfm2_vl',
    architecture: 'Lfm2VlForConditionalGeneration',
    textType: 'lfm2',
    layerTypes: ['conv', 'full_attention'],
    marker: '<image>',
    specialTokens: [
      '<image>',
      '<|image_start|>',
      '<|image_end|>',
      '<|img_thumbnail|>',
      ...Array.from({ length: 16 }, (_, i) => `<|img_row_${(i >> 2) + 1}_col_${(i % 4) + 1}|>`),
    ],
    config: (idOf) => ({ image_token_id: idOf('<image>') }),
    encoder: patchesWithMask,
    preprocessor: {
      ...NORMAL,
      processor_class: 'Lfm2VlProcessor',
      image_processor_type: 'Lfm2VlImageProcessorFast',
      do_resize: false,
      downsample_factor: 2,
      encoder_patch_size: PATCH,
      tile_size: 4 * PATCH,
      min_tiles: 2,
      max_tiles: 4,
      min_image_tokens: 1,
      max_image_tokens: 16,
      use_thumbnail: true,
    },
  },
  fastvlm: {
    type: 'llava_qwen2',
    architecture: 'LlavaQwen2ForCausalLM',
    marker: '<image>',
    specialTokens: ['<image>'],
    config: (idOf) => ({ image_token_index: idOf('<image>'), ...textConfig('llava_qwen2') }),
    encoder: (g) => pixels(g, { patch: PATCH }),
    preprocessor: {
      ...NORMAL,
      processor_class: 'LlavaProcessor',
      image_processor_type: 'CLIPImageProcessor',
      do_resize: true,
      do_center_crop: true,
      size: { shortest_edge: 4 * PATCH },
      crop_size: { width: 4 * PATCH, height: 4 * PATCH },
    },
    processor: {
      processor_class: 'LlavaProcessor',
      image_token: '<image>',
      patch_size: PATCH,
      num_additional_image_tokens: 0,
    },
  },
  mistral3: {
    type: 'mistral3',
    architecture: 'Mistral3ForConditionalGeneration',
    textType: 'ministral3',
    marker: '[IMG]',
    specialTokens: ['[IMG]', '[IMG_BREAK]', '[IMG_END]'],
    config: (idOf) => ({ image_token_index: idOf('[IMG]'), spatial_merge_size: 2 }),
    encoder: (g) => pixels(g, { patch: 2 * PATCH }),
    preprocessor: {
      ...NORMAL,
      processor_class: 'PixtralProcessor',
      image_processor_type: 'PixtralImageProcessorFast',
      do_resize: true,
      patch_size: PATCH,
      spatial_merge_size: 2,
      size: { longest_edge: 8 * PATCH },
    },
    processor: {
      processor_class: 'PixtralProcessor',
      image_token: '[IMG]',
      image_break_token: '[IMG_BREAK]',
      image_end_token: '[IMG_END]',
      patch_size: PATCH,
      spatial_merge_size: 2,
    },
  },
  'qwen3.5': {
    type: 'qwen3_5',
    architecture: 'Qwen3_5ForConditionalGeneration',
    textType: 'qwen3_5_text',
    layerTypes: ['linear_attention', 'full_attention'],
    positionAxes: 3,
    marker: '<|vision_start|><|image_pad|><|vision_end|>',
    specialTokens: ['<|vision_start|>', '<|vision_end|>', '<|image_pad|>', '<|video_pad|>'],
    config: (idOf) => ({
      image_token_id: idOf('<|image_pad|>'),
      video_token_id: idOf('<|video_pad|>'),
      vision_start_token_id: idOf('<|vision_start|>'),
      vision_config: { model_type: 'qwen3_5', spatial_merge_size: 2 },
    }),
    encoder: patchesWithGrid,
    preprocessor: {
      ...NORMAL,
      processor_class: 'Qwen3VLProcessor',
      image_processor_type: 'Qwen2VLImageProcessorFast',
      do_resize: true,
      patch_size: PATCH,
      temporal_patch_size: 2,
      merge_size: 2,
      size: { shortest_edge: 4 * PATCH * PATCH, longest_edge: 64 * PATCH * PATCH },
    },
  },
}

const chatTemplate = (/** @type {string} */ marker) =>
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' }}" +
  "{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for item in message['content'] %}" +
  `{% if item['type'] == 'image' %}{{ '${marker}' }}{% else %}{{ item['text'] }}{% endif %}` +
  "{% endfor %}{% endif %}{{ '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

/** @param {string} type @param {readonly LayerType[]} [layerTypes] */
const textConfig = (type, layerTypes) => ({
  model_type: type,
  hidden_size: HIDDEN,
  num_attention_heads: SHAPE.heads,
  num_key_value_heads: SHAPE.kvHeads,
  num_hidden_layers: layerTypes?.length ?? 1,
  head_dim: SHAPE.headDim,
  max_position_embeddings: 4096,
  ...(layerTypes && { layer_types: layerTypes }),
})

/**
 * @param {RepositoryFiles} repo
 * @param {{kind: SeeingModel, seed?: number, endEvery?: number}} options endEvery: an answer ends when the total length is endEvery - 1 modulo endEvery
 */
export function buildSeeing(repo, { kind, seed = 1, endEvery = 64 }) {
  const { type, architecture, textType, layerTypes, positionAxes, ...of } = KINDS[kind]
  const tokenizer = byteLevelTokenizer({
    specialTokens: ['<|endoftext|>', '<|im_start|>', '<|im_end|>', ...of.specialTokens],
  })
  const { vocabSize, idOf } = tokenizer
  const endTokenId = idOf('<|im_end|>')

  const encoder = new GraphBuilder({ name: `${kind}-vision`, seed })
  of.encoder(encoder)
  repo.onnx('vision_encoder', encoder)
  repo.onnx('embed_tokens', embedTokens({ name: kind, seed, vocabSize, hidden: HIDDEN }))
  const decoder = new GraphBuilder({ name: `${kind}-decoder`, seed })
  addDecoderOnly(decoder, {
    ...SHAPE,
    layers: layerTypes?.length ?? 1,
    layerTypes,
    positionAxes,
    vocabSize,
    input: 'inputs_embeds',
    attention: 'plain',
    numLogitsToKeep: true,
    babble: { allowedIds: BABBLE_IDS, endTokenId, endEvery },
  })
  repo.onnx('decoder_model_merged', decoder)

  repo.json('config.json', {
    model_type: type,
    architectures: [architecture],
    eos_token_id: endTokenId,
    ...(textType && { text_config: textConfig(textType, layerTypes) }),
    ...of.config(idOf),
  })
  repo.json('generation_config.json', { eos_token_id: endTokenId, pad_token_id: idOf('<|endoftext|>') })
  repo.json('preprocessor_config.json', of.preprocessor)
  if (of.processor) repo.json('processor_config.json', of.processor)
  repo.json('tokenizer.json', tokenizer.json)
  repo.json('tokenizer_config.json', {
    tokenizer_class: 'Qwen2Tokenizer',
    clean_up_tokenization_spaces: false,
    eos_token: '<|im_end|>',
    pad_token: '<|endoftext|>',
    padding_side: 'left',
    model_max_length: 4096,
    chat_template: chatTemplate(of.marker),
  })
}

/**
 * `pixel_values` [batch, 3, height, width] -> `image_features` [batch, tokens, hidden], a token a patch.
 * @param {GraphBuilder} g @param {{ patch: number }} options
 */
function pixels(g, { patch }) {
  const values = g.input('pixel_values', 'float', ['batch_size', 3, 'height', 'width'])
  const patches = g.op('Conv', [values, g.weight('patch', [HIDDEN, 3, patch, patch], 0.1)], {
    kernel_shape: [patch, patch],
    strides: [patch, patch],
  })
  const flat = g.op('Reshape', [patches, g.constant('int64', [0, 0, -1])])
  g.op('Transpose', [flat], { perm: [0, 2, 1] }, { as: 'image_features' })
  g.output('image_features', 'float', ['batch_size', 'num_tokens', HIDDEN])
}

/**
 * LFM2: `pixel_values` [tiles, patches, 768], `pixel_attention_mask` (1 = there), `spatial_shapes` [tiles, 2] ->
 * `image_features` [tokens of all tiles, hidden], four patches a token, without the padding.
 * @param {GraphBuilder} g
 */
function patchesWithMask(g) {
  const size = 3 * PATCH * PATCH
  const patches = g.input('pixel_values', 'float', ['num_tiles', 'max_patches', size])
  const mask = g.input('pixel_attention_mask', 'int64', ['num_tiles', 'max_patches'])
  const shapes = g.input('spatial_shapes', 'int64', ['num_tiles', 2])
  const isReal = g.op('Cast', [g.op('Reshape', [mask, g.constant('int64', [-1])])], { to: 9 })
  const flat = g.op('Reshape', [patches, g.constant('int64', [-1, size])])
  const features = tokensOf(g, g.op('Compress', [flat, isReal], { axis: 0 }), size)
  const scale = g.op('ReduceMean', [g.op('Cast', [shapes], { to: 1 }), g.constant('int64', [0, 1])], {
    keepdims: 0,
  })
  g.op('Mul', [features, scale], {}, { as: 'image_features' })
  g.output('image_features', 'float', ['num_tokens', HIDDEN])
}

/**
 * Qwen: `pixel_values` [patches, 1536], two frames a patch, `image_grid_thw` [images, 3] -> `image_features` [tokens, hidden],
 * four patches a token.
 * @param {GraphBuilder} g
 */
function patchesWithGrid(g) {
  const size = 2 * 3 * PATCH * PATCH
  const patches = g.input('pixel_values', 'float', ['num_patches', size])
  const grid = g.input('image_grid_thw', 'int64', ['num_images', 3])
  const features = tokensOf(g, patches, size)
  const scale = g.op('ReduceMean', [g.op('Cast', [grid], { to: 1 }), g.constant('int64', [0, 1])], {
    keepdims: 0,
  })
  g.op('Mul', [features, scale], {}, { as: 'image_features' })
  g.output('image_features', 'float', ['num_tokens', HIDDEN])
}

/** @param {GraphBuilder} g @param {string} patches @param {number} size */
function tokensOf(g, patches, size) {
  const grouped = g.op('Reshape', [patches, g.constant('int64', [-1, 4 * size])])
  return g.op('MatMul', [grouped, g.weight('patch', [4 * size, HIDDEN], 0.02)])
}
