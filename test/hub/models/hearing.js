// Speech recognition beside Whisper: an encoder of sound and a merged decoder, each class with its own input and prompt.
import { GraphBuilder } from '../graph-builder.js'
import { addMergedDecoder } from '../graphs/encoder-decoder.js'
import { byteLevelTokenizer } from '../tokenizers/byte-level.js'

/**
 * @import { RepositoryFiles } from '../build.js'
 * @import { Tokenizer } from '../tokenizers/byte-level.js'
 */

const HIDDEN = 16
const HEADS = 2
const MEL_BINS = 128

/**
 * Moonshine: `input_values` [batch, samples] as they are.
 * @param {RepositoryFiles} repo
 * @param {{seed?: number, transcript?: string}} [options] transcript: what the model always hears
 */
export function buildMoonshine(repo, { seed = 1, transcript = 'hello from the tiny hub.' } = {}) {
  const tokenizer = byteLevelTokenizer({ specialTokens: ['<unk>', '<s>', '</s>'] })
  const [startTokenId, endTokenId] = [tokenizer.idOf('<s>'), tokenizer.idOf('</s>')]
  const g = new GraphBuilder({ name: 'moonshine-encoder', seed })
  const samples = g.input('input_values', 'float', ['batch_size', 'num_samples'])
  // The first of the real model's convolutions: 64 samples a step.
  const channel = g.op('Unsqueeze', [samples, g.constant('int64', [1])])
  finish(g, convolve(g, channel, { from: 1, size: 127, stride: 64 }))
  repo.onnx('encoder_model', g)
  repo.onnx(
    'decoder_model_merged',
    decoder('moonshine', seed, tokenizer, [...tokenizer.encodePlain(transcript), endTokenId]),
  )

  repo.json('config.json', {
    model_type: 'moonshine',
    architectures: ['MoonshineForConditionalGeneration'],
    is_encoder_decoder: true,
    hidden_size: HIDDEN,
    encoder_num_hidden_layers: 1,
    decoder_num_hidden_layers: 1,
    encoder_num_attention_heads: HEADS,
    decoder_num_attention_heads: HEADS,
    encoder_num_key_value_heads: HEADS,
    decoder_num_key_value_heads: HEADS,
    vocab_size: tokenizer.vocabSize,
    decoder_start_token_id: startTokenId,
    bos_token_id: startTokenId,
    eos_token_id: endTokenId,
  })
  repo.json('generation_config.json', {
    decoder_start_token_id: startTokenId,
    bos_token_id: startTokenId,
    eos_token_id: endTokenId,
  })
  repo.json('preprocessor_config.json', {
    feature_extractor_type: 'MoonshineFeatureExtractor',
    processor_class: 'MoonshineProcessor',
    sampling_rate: 16000,
  })
  tokenizerFiles(repo, tokenizer)
}

/**
 * Cohere: `input_features` [batch, frames, 128], and a decoder that takes its own `attention_mask`; its prompt is ten tokens.
 * @param {RepositoryFiles} repo
 * @param {{seed?: number, transcript?: string}} [options] transcript: what the model always hears
 */
export function buildCohereAsr(repo, { seed = 1, transcript = 'hello from the tiny hub.' } = {}) {
  const prompt = ['<|startofcontext|>', '<|startoftranscript|>', '<|emo:undefined|>', '<|en|>', '<|fr|>']
  const tokenizer = byteLevelTokenizer({
    specialTokens: [
      '<unk>',
      '</s>',
      '▁',
      ...prompt,
      '<|pnc|>',
      '<|noitn|>',
      '<|notimestamp|>',
      '<|nodiarize|>',
    ],
  })
  const endTokenId = tokenizer.idOf('</s>')
  const g = new GraphBuilder({ name: 'cohere-encoder', seed })
  const features = g.input('input_features', 'float', ['batch_size', 'num_frames', MEL_BINS])
  const channels = g.op('Transpose', [features], { perm: [0, 2, 1] })
  finish(g, convolve(g, channels, { from: MEL_BINS, size: 9, stride: 8 }))
  repo.onnx('encoder_model', g)
  const script = [
    ...Array.from({ length: 9 }, () => endTokenId),
    ...tokenizer.encodePlain(transcript),
    endTokenId,
  ]
  repo.onnx('decoder_model_merged', decoder('cohere', seed, tokenizer, script, { decoderMask: true }))

  repo.json('config.json', {
    model_type: 'cohere_asr',
    architectures: ['CohereAsrForConditionalGeneration'],
    is_encoder_decoder: true,
    hidden_size: HIDDEN,
    num_hidden_layers: 1,
    num_attention_heads: HEADS,
    num_key_value_heads: HEADS,
    head_dim: HIDDEN / HEADS,
    encoder_config: { num_hidden_layers: 1, num_attention_heads: HEADS, hidden_size: HIDDEN },
    vocab_size: tokenizer.vocabSize,
    eos_token_id: endTokenId,
  })
  repo.json('generation_config.json', {
    decoder_start_token_id: tokenizer.idOf('▁'),
    eos_token_id: endTokenId,
    max_length: 200,
  })
  repo.json('preprocessor_config.json', {
    feature_extractor_type: 'CohereAsrFeatureExtractor',
    processor_class: 'CohereAsrProcessor',
    sampling_rate: 16000,
    feature_size: MEL_BINS,
    n_fft: 512,
    win_length: 400,
    hop_length: 160,
    preemphasis: 0.97,
    dither: 1e-5,
  })
  repo.json('processor_config.json', { processor_class: 'CohereAsrProcessor' })
  tokenizerFiles(repo, tokenizer)
}

/** @param {GraphBuilder} g @param {string} x @param {{ from: number, size: number, stride: number }} kernel */
function convolve(g, x, { from, size, stride }) {
  return g.op('Conv', [x, g.weight('conv', [HIDDEN, from, size], 0.1)], {
    kernel_shape: [size],
    strides: [stride],
    pads: [size >> 1, size >> 1],
  })
}

/** @param {GraphBuilder} g @param {string} channels */
function finish(g, channels) {
  g.op('Transpose', [channels], { perm: [0, 2, 1] }, { as: 'last_hidden_state' })
  g.output('last_hidden_state', 'float', ['batch_size', 'encoder_sequence_length', HIDDEN])
}

/**
 * @param {string} name @param {number} seed @param {Tokenizer} tokenizer @param {number[]} script
 * @param {{ decoderMask?: boolean }} [more]
 */
function decoder(name, seed, { vocabSize }, script, more = {}) {
  const g = new GraphBuilder({ name: `${name}-decoder`, seed })
  addMergedDecoder(g, {
    layers: 1,
    hidden: HIDDEN,
    heads: HEADS,
    vocabSize,
    script,
    encoderMask: false,
    ...more,
  })
  return g
}

/** @param {RepositoryFiles} repo @param {Tokenizer} tokenizer */
function tokenizerFiles(repo, tokenizer) {
  repo.json('tokenizer.json', tokenizer.json)
  repo.json('tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    clean_up_tokenization_spaces: false,
    eos_token: '</s>',
    unk_token: '<unk>',
    model_max_length: 1024,
  })
}
