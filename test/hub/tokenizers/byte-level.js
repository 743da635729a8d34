// A byte-level BPE tokenizer without merges: one token per UTF-8 byte, so any text survives encode + decode.
import { addedToken } from './added-token.js'

/** @typedef {ReturnType<typeof byteLevelTokenizer>} Tokenizer */

/** GPT-2's table: every byte gets a visible character, because tokenizer.json stores tokens as text. */
function byteToCharacter() {
  /** @param {number} byte */
  const isVisible = (byte) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255)
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isVisible(byte) ? byte : next++))
}

/**
 * Ids 0..255 are the bytes, then come the special tokens, then the plain added tokens (e.g. Whisper's timestamps,
 * which must have the highest ids).
 * @param {{ specialTokens?: readonly string[], plainAddedTokens?: readonly string[], fixedIds?: Record<string, number> }} [options]
 *   fixedIds adds special tokens at given ids
 */
export function byteLevelTokenizer({ specialTokens = [], plainAddedTokens = [], fixedIds = {} } = {}) {
  /** @type {Map<string, number>} */
  const ids = new Map()
  /** @type {ReturnType<typeof addedToken>[]} */
  const added = []
  /** @param {number} id @param {string} token @param {boolean} special */
  const add = (id, token, special) => {
    ids.set(token, id)
    added.push(addedToken(id, token, special))
  }
  specialTokens.forEach((token, i) => add(256 + i, token, true))
  plainAddedTokens.forEach((token, i) => add(256 + specialTokens.length + i, token, false))
  for (const [token, id] of Object.entries(fixedIds)) add(id, token, true)

  return {
    json: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: added,
      normalizer: null,
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      post_processor: null,
      decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      model: {
        type: 'BPE',
        vocab: Object.fromEntries(byteToCharacter().map((character, byte) => [character, byte])),
        merges: [],
      },
    },
    /** number of embedding rows that cover every token */
    vocabSize: Math.max(255, ...ids.values()) + 1,
    /** @param {string} token */
    idOf: (token) => {
      const id = ids.get(token)
      if (id === undefined) throw new Error(`no token ${token}`)
      return id
    },
    /** @param {string} text */
    encodePlain: (text) => [...new TextEncoder().encode(text)],
  }
}

/** Token ids a tiny model may emit: lower-case letters, space and full stop, so its babble looks like sentences. */
export const BABBLE_IDS = [...new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz .')]

/**
 * tokenizer.json post-processor that puts special tokens around the text; 'A' stands for the text.
 * @param {Tokenizer} tokenizer @param {readonly string[]} sequence
 */
export function templateProcessor(tokenizer, sequence) {
  const specials = sequence.filter((item) => item !== 'A')
  return {
    type: 'TemplateProcessing',
    single: sequence.map((item) =>
      item === 'A' ? { Sequence: { id: 'A', type_id: 0 } } : { SpecialToken: { id: item, type_id: 0 } },
    ),
    pair: [],
    special_tokens: Object.fromEntries(
      specials.map((token) => [token, { id: token, ids: [tokenizer.idOf(token)], tokens: [token] }]),
    ),
  }
}
