// Translation: M2M100ForConditionalGeneration, with NLLB's or M2M100's language codes.
import { GraphBuilder } from '../graph-builder.js'
import { addMergedDecoder } from '../graphs/encoder-decoder.js'
import { byteLevelTokenizer, templateProcessor } from '../tokenizers/byte-level.js'
import { LANGUAGES } from '../tokenizers/languages.js'

/** @import { RepositoryFiles } from '../build.js' */

const HIDDEN = 16
const HEADS = 2

/** @type {Record<'nllb' | 'm2m100', { tokenizer_class: string, languages: string[] }>} */
const TOKENIZERS = {
  nllb: {
    tokenizer_class: 'NllbTokenizer',
    languages: [
      'eng_Latn',
      'fra_Latn',
      'deu_Latn',
      'spa_Latn',
      'ita_Latn',
      'por_Latn',
      'rus_Cyrl',
      'ukr_Cyrl',
      'arb_Arab',
      'hin_Deva',
      'jpn_Jpan',
      'kor_Hang',
      'zho_Hans',
      'tur_Latn',
      'pol_Latn',
      'nld_Latn',
    ],
  },
  m2m100: {
    tokenizer_class: 'M2M100Tokenizer',
    languages: LANGUAGES.map((code) => `__${code}__`),
  },
}

/**
 * @param {RepositoryFiles} repo
 * @param {{seed?: number, variant?: 'nllb'|'m2m100', translation?: string}} [options] translation: what the model always answers
 */
export function buildM2M100(
  repo,
  { seed = 1, variant = 'nllb', translation = 'bonjour tout le monde.' } = {},
) {
  const { tokenizer_class, languages } = TOKENIZERS[variant]
  const tokenizer = byteLevelTokenizer({ specialTokens: ['<s>', '<pad>', '</s>', '<unk>', ...languages] })
  const endTokenId = tokenizer.idOf('</s>')
  const padTokenId = tokenizer.idOf('<pad>')
  // The decoder starts with </s> and the forced language code, so the text follows position 1.
  const script = [endTokenId, ...tokenizer.encodePlain(translation), endTokenId]

  repo.onnx(
    'encoder_model',
    embeddingEncoder({ name: 'm2m100', seed, vocabSize: tokenizer.vocabSize, hidden: HIDDEN }),
  )
  const decoder = new GraphBuilder({ name: 'm2m100-decoder', seed })
  addMergedDecoder(decoder, {
    layers: 1,
    hidden: HIDDEN,
    heads: HEADS,
    vocabSize: tokenizer.vocabSize,
    script,
    encoderMask: true,
  })
  repo.onnx('decoder_model_merged', decoder)

  repo.json('config.json', {
    model_type: 'm2m_100',
    architectures: ['M2M100ForConditionalGeneration'],
    is_encoder_decoder: true,
    d_model: HIDDEN,
    encoder_layers: 1,
    decoder_layers: 1,
    encoder_attention_heads: HEADS,
    decoder_attention_heads: HEADS,
    vocab_size: tokenizer.vocabSize,
    bos_token_id: tokenizer.idOf('<s>'),
    eos_token_id: endTokenId,
    pad_token_id: padTokenId,
    decoder_start_token_id: endTokenId,
    max_length: 200,
  })
  repo.json('generation_config.json', {
    decoder_start_token_id: endTokenId,
    eos_token_id: endTokenId,
    pad_token_id: padTokenId,
    max_length: 200,
  })
  // The pipeline swaps the first token of this template for the chosen source language.
  repo.json('tokenizer.json', {
    ...tokenizer.json,
    post_processor: templateProcessor(tokenizer, [...languages.slice(0, 1), 'A', '</s>']),
  })
  repo.json('tokenizer_config.json', {
    tokenizer_class,
    clean_up_tokenization_spaces: false,
    bos_token: '<s>',
    eos_token: '</s>',
    pad_token: '<pad>',
    unk_token: '<unk>',
    additional_special_tokens: languages,
    model_max_length: 1024,
  })
}

/**
 * `input_ids`, `attention_mask` -> `last_hidden_state`.
 * @param {{name: string, seed: number, vocabSize: number, hidden: number}} options
 */
export function embeddingEncoder({ name, seed, vocabSize, hidden }) {
  const g = new GraphBuilder({ name: `${name}-encoder`, seed })
  const ids = g.input('input_ids', 'int64', ['batch_size', 'encoder_sequence_length'])
  const mask = g.input('attention_mask', 'int64', ['batch_size', 'encoder_sequence_length'])
  const embedded = g.op('Gather', [g.weight('embed', [vocabSize, hidden], 1), ids])
  const mask3d = g.op('Unsqueeze', [g.op('Cast', [mask], { to: 1 }), g.constant('int64', [2])])
  g.op('Mul', [embedded, mask3d], {}, { as: 'last_hidden_state' })
  g.output('last_hidden_state', 'float', ['batch_size', 'encoder_sequence_length', hidden])
  return g
}
