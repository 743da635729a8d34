// Speech recognition: multilingual WhisperForConditionalGeneration, with and without timestamps.
import { GraphBuilder } from '../graph-builder.js'
import { addMergedDecoder, SCRIPT_BIAS } from '../graphs/encoder-decoder.js'
import { byteLevelTokenizer } from '../tokenizers/byte-level.js'
import { LANGUAGES } from '../tokenizers/languages.js'

/**
 * @import { RepositoryFiles } from '../build.js'
 * @import { Tokenizer } from '../tokenizers/byte-level.js'
 */

const HIDDEN = 16
const HEADS = 2
const MEL_BINS = 80

/**
 * @param {RepositoryFiles} repo
 * @param {{seed?: number, transcript?: string}} [options] transcript: what the model always hears
 */
export function buildWhisper(repo, { seed = 1, transcript = 'hello from the tiny hub.' } = {}) {
  // Order matters: text < <|endoftext|> < control tokens < <|notimestamps|> < timestamps.
  const tokenizer = byteLevelTokenizer({
    specialTokens: [
      '<|endoftext|>',
      '<|startoftranscript|>',
      ...LANGUAGES.map((code) => `<|${code}|>`),
      '<|translate|>',
      '<|transcribe|>',
      '<|startoflm|>',
      '<|startofprev|>',
      '<|nospeech|>',
      '<|notimestamps|>',
    ],
    plainAddedTokens: Array.from({ length: 1501 }, (_, i) => `<|${(i * 0.02).toFixed(2)}|>`),
  })
  const endTokenId = tokenizer.idOf('<|endoftext|>')
  const startTokenId = tokenizer.idOf('<|startoftranscript|>')
  const firstTimestamp = tokenizer.idOf('<|0.00|>')
  // Prompt: <|startoftranscript|> language task, then <|notimestamps|> or a first timestamp that the model emits itself.
  // Either way the text follows position 3.
  const script = [endTokenId, endTokenId, firstTimestamp, ...tokenizer.encodePlain(transcript), endTokenId]

  repo.onnx('encoder_model', encoder(seed))
  const decoder = new GraphBuilder({ name: 'whisper-decoder', seed })
  addMergedDecoder(decoder, {
    layers: 1,
    hidden: HIDDEN,
    heads: HEADS,
    vocabSize: tokenizer.vocabSize,
    script,
    encoderMask: false,
    alternative: closingTimestamp(tokenizer, { position: script.length - 1, seconds: 1 }),
  })
  repo.onnx('decoder_model_merged', decoder)

  repo.json('config.json', {
    model_type: 'whisper',
    architectures: ['WhisperForConditionalGeneration'],
    is_encoder_decoder: true,
    d_model: HIDDEN,
    encoder_layers: 1,
    decoder_layers: 1,
    encoder_attention_heads: HEADS,
    decoder_attention_heads: HEADS,
    vocab_size: tokenizer.vocabSize,
    num_mel_bins: MEL_BINS,
    max_source_positions: 1500,
    max_target_positions: 448,
    decoder_start_token_id: startTokenId,
    bos_token_id: endTokenId,
    eos_token_id: endTokenId,
    pad_token_id: endTokenId,
  })
  repo.json('generation_config.json', {
    is_multilingual: true,
    decoder_start_token_id: startTokenId,
    bos_token_id: endTokenId,
    eos_token_id: endTokenId,
    pad_token_id: endTokenId,
    no_timestamps_token_id: tokenizer.idOf('<|notimestamps|>'),
    lang_to_id: Object.fromEntries(LANGUAGES.map((code) => [`<|${code}|>`, tokenizer.idOf(`<|${code}|>`)])),
    task_to_id: { transcribe: tokenizer.idOf('<|transcribe|>'), translate: tokenizer.idOf('<|translate|>') },
    max_length: 448,
  })
  repo.json('preprocessor_config.json', {
    feature_extractor_type: 'WhisperFeatureExtractor',
    processor_class: 'WhisperProcessor',
    feature_size: MEL_BINS,
    sampling_rate: 16000,
    hop_length: 160,
    chunk_length: 30,
    n_fft: 400,
    n_samples: 480000,
    nb_max_frames: 3000,
    padding_side: 'right',
    padding_value: 0,
    return_attention_mask: false,
  })
  repo.json('tokenizer.json', tokenizer.json)
  repo.json('tokenizer_config.json', {
    tokenizer_class: 'WhisperTokenizer',
    clean_up_tokenization_spaces: false,
    bos_token: '<|endoftext|>',
    eos_token: '<|endoftext|>',
    unk_token: '<|endoftext|>',
    pad_token: '<|endoftext|>',
    model_max_length: 448,
  })
}

/**
 * Lets the text end with a timestamp, but only when timestamps are asked for: transformers.js then compares the summed
 * probability of all timestamps with the best other token. So at the end many timestamps together beat <|endoftext|>,
 * while none of them beats it alone.
 * @param {Tokenizer} tokenizer
 * @param {{ position: number, seconds: number }} at
 */
function closingTimestamp(tokenizer, { position, seconds }) {
  const bias = new Float32Array(tokenizer.vocabSize)
  bias.fill(SCRIPT_BIAS - 2, tokenizer.idOf('<|0.00|>'))
  bias[tokenizer.idOf(`<|${seconds.toFixed(2)}|>`)] = SCRIPT_BIAS - 1
  return { position, bias }
}

/**
 * `input_features` [batch, 80, 3000] -> `last_hidden_state` [batch, 1500, hidden].
 * @param {number} seed
 */
function encoder(seed) {
  const g = new GraphBuilder({ name: 'whisper-encoder', seed })
  const features = g.input('input_features', 'float', ['batch_size', MEL_BINS, 'feature_length'])
  const convolved = g.op('Conv', [features, g.weight('conv', [HIDDEN, MEL_BINS, 3], 0.3)], {
    kernel_shape: [3],
    strides: [2],
    pads: [1, 1],
  })
  g.op('Transpose', [convolved], { perm: [0, 2, 1] }, { as: 'last_hidden_state' })
  g.output('last_hidden_state', 'float', ['batch_size', 'encoder_sequence_length', HIDDEN])
  return g
}
