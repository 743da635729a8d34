// Image + text: SmolVLM, whose first models are of the class Idefics3 (vision_encoder, embed_tokens, decoder_model_merged).
import { GraphBuilder } from '../graph-builder.js'
import { addDecoderOnly } from '../graphs/decoder-only.js'
import { embedTokens } from '../graphs/embed-tokens.js'
import { BABBLE_IDS, byteLevelTokenizer } from '../tokenizers/byte-level.js'

/** @import { RepositoryFiles } from '../build.js' */

const SHAPE = { layers: 1, hidden: 32, heads: 2, kvHeads: 1, headDim: 16 }
const TILE = 32 // the image is cut into tiles of this size ...
const PATCH = 16 // ... and each tile into patches
const TOKENS_PER_TILE = (TILE / PATCH) ** 2
const LONGEST_EDGE = 64 // so an image gives up to 2 x 2 tiles plus one overview
const MAX_TILES_PER_SIDE = 4

const CHAT_TEMPLATE =
  "<|im_start|>{% for message in messages %}{{ message['role'] | capitalize }}" +
  "{% if message['content'] is string %}{{ ': ' + message['content'] }}" +
  "{% else %}{% if message['content'][0]['type'] == 'image' %}{{ ':' }}{% else %}{{ ': ' }}{% endif %}" +
  "{% for line in message['content'] %}{% if line['type'] == 'text' %}{{ line['text'] }}" +
  "{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}{% endif %}" +
  '<end_of_utterance>\n' +
  "{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"

/**
 * @param {RepositoryFiles} repo
 * @param {{type?: 'smolvlm'|'idefics3', seed?: number, endEvery?: number}} [options] endEvery: an answer ends when the total length is endEvery - 1 modulo endEvery
 */
export function buildSmolVlm(repo, { type = 'smolvlm', seed = 1, endEvery = 64 } = {}) {
  /** @type {string[]} */
  const tileNames = []
  for (let row = 1; row <= MAX_TILES_PER_SIDE; row++) {
    for (let column = 1; column <= MAX_TILES_PER_SIDE; column++) tileNames.push(`<row_${row}_col_${column}>`)
  }
  const tokenizer = byteLevelTokenizer({
    specialTokens: [
      '<|endoftext|>',
      '<|im_start|>',
      '<end_of_utterance>',
      '<fake_token_around_image>',
      '<global-img>',
      '<image>',
      ...tileNames,
    ],
  })
  const endTokenId = tokenizer.idOf('<end_of_utterance>')
  const padTokenId = tokenizer.idOf('<|endoftext|>')

  repo.onnx('vision_encoder', visionEncoder(seed))
  repo.onnx(
    'embed_tokens',
    embedTokens({ name: 'smolvlm', seed, vocabSize: tokenizer.vocabSize, hidden: SHAPE.hidden }),
  )
  const decoder = new GraphBuilder({ name: 'smolvlm-decoder', seed })
  addDecoderOnly(decoder, {
    ...SHAPE,
    vocabSize: tokenizer.vocabSize,
    input: 'inputs_embeds',
    attention: 'plain',
    babble: { allowedIds: BABBLE_IDS, endTokenId, endEvery },
  })
  repo.onnx('decoder_model_merged', decoder)

  repo.json('config.json', {
    model_type: type,
    architectures: [`${type === 'smolvlm' ? 'SmolVLM' : 'Idefics3'}ForConditionalGeneration`],
    image_token_id: tokenizer.idOf('<image>'),
    eos_token_id: endTokenId,
    text_config: {
      model_type: 'llama',
      hidden_size: SHAPE.hidden,
      num_attention_heads: SHAPE.heads,
      num_key_value_heads: SHAPE.kvHeads,
      num_hidden_layers: SHAPE.layers,
      head_dim: SHAPE.headDim,
      vocab_size: tokenizer.vocabSize,
    },
    vision_config: { model_type: 'smolvlm_vision', image_size: TILE, patch_size: PATCH },
    'transformers.js_config': {},
  })
  repo.json('generation_config.json', {
    bos_token_id: tokenizer.idOf('<|im_start|>'),
    eos_token_id: endTokenId,
    pad_token_id: padTokenId,
  })
  repo.json('preprocessor_config.json', {
    image_processor_type: 'Idefics3ImageProcessor',
    processor_class: 'Idefics3Processor',
    do_convert_rgb: true,
    do_image_splitting: true,
    do_normalize: true,
    do_pad: true,
    do_rescale: true,
    do_resize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
    max_image_size: { longest_edge: TILE },
    resample: 1,
    rescale_factor: 1 / 255,
    size: { longest_edge: LONGEST_EDGE },
  })
  repo.json('processor_config.json', { processor_class: 'Idefics3Processor', image_seq_len: TOKENS_PER_TILE })
  repo.json('tokenizer.json', tokenizer.json)
  repo.json('tokenizer_config.json', {
    tokenizer_class: 'GPT2Tokenizer',
    clean_up_tokenization_spaces: false,
    bos_token: '<|im_start|>',
    eos_token: '<end_of_utterance>',
    pad_token: '<|endoftext|>',
    padding_side: 'left',
    model_max_length: 8192,
    chat_template: CHAT_TEMPLATE,
  })
}

/**
 * `pixel_values`, `pixel_attention_mask` -> `image_features` [tiles, tokens, hidden].
 * @param {number} seed
 */
function visionEncoder(seed) {
  const g = new GraphBuilder({ name: 'smolvlm-vision', seed })
  const pixels = g.input('pixel_values', 'float', ['batch_size', 'num_images', 3, TILE, TILE])
  const pixelMask = g.input('pixel_attention_mask', 'bool', ['batch_size', 'num_images', TILE, TILE])
  const visible = g.op('Unsqueeze', [g.op('Cast', [pixelMask], { to: 1 }), g.constant('int64', [2])])
  const tiles = g.op('Reshape', [g.op('Mul', [pixels, visible]), g.constant('int64', [-1, 3, TILE, TILE])])
  const patches = g.op('Conv', [tiles, g.weight('patch', [SHAPE.hidden, 3, PATCH, PATCH], 0.1)], {
    kernel_shape: [PATCH, PATCH],
    strides: [PATCH, PATCH],
  })
  const flat = g.op('Reshape', [patches, g.constant('int64', [0, 0, -1])])
  g.op('Transpose', [flat], { perm: [0, 2, 1] }, { as: 'image_features' })
  g.output('image_features', 'float', ['num_tiles', TOKENS_PER_TILE, SHAPE.hidden])
  return g
}
