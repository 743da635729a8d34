// Translation of one pair of languages: MarianMTModel, as OPUS-MT's models are.
import { GraphBuilder } from '../graph-builder.js'
import { addMergedDecoder } from '../graphs/encoder-decoder.js'
import { embeddingEncoder } from './m2m100.js'
import { byteLevelTokenizer, templateProcessor } from '../tokenizers/byte-level.js'

/** @import { RepositoryFiles } from '../build.js' */

const HIDDEN = 16
const HEADS = 2

/**
 * @param {RepositoryFiles} repo
 * @param {{seed?: number, translation?: string}} [options] translation: what the model always answers
 */
export function buildMarian(repo, { seed = 1, translation = 'bonjour tout le monde.' } = {}) {
  const tokenizer = byteLevelTokenizer({ specialTokens: ['</s>', '<unk>', '<pad>'] })
  const { vocabSize } = tokenizer
  const endTokenId = tokenizer.idOf('</s>')
  const padTokenId = tokenizer.idOf('<pad>')

  repo.onnx('encoder_model', embeddingEncoder({ name: 'marian', seed, vocabSize, hidden: HIDDEN }))
  const decoder = new GraphBuilder({ name: 'marian-decoder', seed })
  addMergedDecoder(decoder, {
    layers: 1,
    hidden: HIDDEN,
    heads: HEADS,
    vocabSize,
    // The decoder starts with <pad>, and the text follows it.
    script: [...tokenizer.encodePlain(translation), endTokenId],
    encoderMask: true,
  })
  repo.onnx('decoder_model_merged', decoder)

  const ends = {
    decoder_start_token_id: padTokenId,
    bad_words_ids: [[padTokenId]],
    eos_token_id: endTokenId,
    forced_eos_token_id: endTokenId,
    pad_token_id: padTokenId,
    max_length: 512,
  }
  repo.json('config.json', {
    model_type: 'marian',
    architectures: ['MarianMTModel'],
    is_encoder_decoder: true,
    d_model: HIDDEN,
    encoder_layers: 1,
    decoder_layers: 1,
    encoder_attention_heads: HEADS,
    decoder_attention_heads: HEADS,
    vocab_size: vocabSize,
    ...ends,
  })
  repo.json('generation_config.json', ends)
  repo.json('tokenizer.json', {
    ...tokenizer.json,
    post_processor: templateProcessor(tokenizer, ['A', '</s>']),
  })
  repo.json('tokenizer_config.json', {
    tokenizer_class: 'MarianTokenizer',
    clean_up_tokenization_spaces: false,
    eos_token: '</s>',
    pad_token: '<pad>',
    unk_token: '<unk>',
    source_lang: 'en',
    target_lang: 'fr',
    model_max_length: 512,
  })
}
