// Chat LLMs: one graph each, with a cache of keys and values, and of states where the architecture has some.
import { GraphBuilder } from '../graph-builder.js'
import { addDecoderOnly } from '../graphs/decoder-only.js'
import { BABBLE_IDS, byteLevelTokenizer } from '../tokenizers/byte-level.js'

/**
 * @import { ModelOptions, RepositoryFiles } from '../build.js'
 * @import { DecoderOptions } from '../graphs/decoder-only.js'
 */

/** @typedef {'qwen2' | 'qwen3' | 'hunyuan_v1_dense' | 'llama' | 'gemma3_text' | 'lfm2'} ChatType `model_type` */

const SHAPE = { layers: 2, hidden: 32, heads: 2, kvHeads: 1, headDim: 16 }

/**
 * The class, and how its exports differ.
 * @type {Record<ChatType, { architecture: string } & Pick<DecoderOptions, 'attention' | 'layerTypes'>>}
 */
const TYPES = {
  qwen2: { architecture: 'Qwen2ForCausalLM' },
  qwen3: { architecture: 'Qwen3ForCausalLM' },
  hunyuan_v1_dense: { architecture: 'HunYuanDenseV1ForCausalLM' },
  // Exports that were made before GroupQueryAttention was used take positions. Gemma's begin at 1.
  llama: { architecture: 'LlamaForCausalLM', attention: 'plain' },
  gemma3_text: { architecture: 'Gemma3ForCausalLM', attention: 'plain' },
  lfm2: { architecture: 'Lfm2ForCausalLM', layerTypes: ['conv', 'full_attention'] },
}

// ChatML, as Qwen uses it.
const CHAT_TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

/**
 * @param {RepositoryFiles} repo
 * @param {{type?: ChatType} & ModelOptions} [options]
 *   endEvery: an answer ends when the total length is endEvery - 1 modulo endEvery;
 *   externalDataChunks: > 0 stores the weights in model.onnx_data, model.onnx_data_1, ...
 */
export function buildChatLlm(
  repo,
  {
    type = 'qwen2',
    seed = 1,
    endEvery = 64,
    externalDataChunks = 0,
    hidden = SHAPE.hidden,
    layers = SHAPE.layers,
    mlpHidden,
  } = {},
) {
  const { architecture, attention = 'gqa', layerTypes } = TYPES[type]
  const tokenizer = byteLevelTokenizer({ specialTokens: ['<|endoftext|>', '<|im_start|>', '<|im_end|>'] })
  const endTokenId = tokenizer.idOf('<|im_end|>')
  const padTokenId = tokenizer.idOf('<|endoftext|>')

  const graph = new GraphBuilder({ name: 'chat-llm', seed })
  addDecoderOnly(graph, {
    ...SHAPE,
    hidden,
    layers,
    mlpHidden,
    attention,
    layerTypes,
    vocabSize: tokenizer.vocabSize,
    numLogitsToKeep: true,
    babble: { allowedIds: BABBLE_IDS, endTokenId, endEvery },
  })
  repo.onnx('model', graph, { externalDataChunks })

  repo.json('config.json', {
    model_type: type,
    architectures: [architecture],
    ...(layerTypes && { layer_types: layerTypes, conv_L_cache: 3 }),
    hidden_size: hidden,
    num_attention_heads: SHAPE.heads,
    num_key_value_heads: SHAPE.kvHeads,
    num_hidden_layers: layers,
    head_dim: SHAPE.headDim,
    vocab_size: tokenizer.vocabSize,
    max_position_embeddings: 4096,
    bos_token_id: padTokenId,
    eos_token_id: endTokenId,
    'transformers.js_config': externalDataChunks ? { use_external_data_format: externalDataChunks } : {},
  })
  repo.json('generation_config.json', {
    bos_token_id: padTokenId,
    eos_token_id: [endTokenId, padTokenId],
    pad_token_id: padTokenId,
  })
  repo.json('tokenizer.json', tokenizer.json)
  repo.json('tokenizer_config.json', {
    tokenizer_class: 'Qwen2Tokenizer',
    clean_up_tokenization_spaces: false,
    eos_token: '<|im_end|>',
    pad_token: '<|endoftext|>',
    padding_side: 'left',
    model_max_length: 4096,
    chat_template: CHAT_TEMPLATE,
  })
}
