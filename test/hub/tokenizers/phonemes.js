// One token per character over the phoneme set of Kokoro-style voices; '$' (id 0) pads both ends.
import { addedToken } from './added-token.js'

const PHONEMES = [
  ...';:,.!?—…"()“” ',
  ...'AIOQSTWYabcdefhijklmnopqrstuvwxyz',
  ...'ɑɐɒæβɔɕçɖðʤəɚɛɜɟɡɥɨɪʝɯɰŋɳɲɴøɸθœɹɾɻʁɽʂʃʈʧʊʋʌɣɤχʎʒʔᵊᵻ',
  ...'ˈˌːʰʲ↓→↗↘',
]

export function phonemeTokenizer() {
  /** @type {Record<string, number>} */
  const vocab = { $: 0 }
  for (const phoneme of PHONEMES) vocab[phoneme] ??= Object.keys(vocab).length
  return {
    vocabSize: Object.keys(vocab).length,
    json: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: [addedToken(0, '$')],
      // Characters outside the set are dropped, as in the real tokenizer.
      normalizer: {
        type: 'Replace',
        pattern: { Regex: `[^${PHONEMES.join('').replace(/[\]\\^-]/g, '\\$&')}]` },
        content: '',
      },
      pre_tokenizer: { type: 'Split', pattern: { Regex: '[\\s\\S]' }, behavior: 'Isolated', invert: false },
      post_processor: {
        type: 'TemplateProcessing',
        single: [
          { SpecialToken: { id: '$', type_id: 0 } },
          { Sequence: { id: 'A', type_id: 0 } },
          { SpecialToken: { id: '$', type_id: 0 } },
        ],
        pair: [],
        special_tokens: { $: { id: '$', ids: [0], tokens: ['$'] } },
      },
      decoder: { type: 'Fuse' },
      model: { type: 'WordLevel', vocab, unk_token: '$' },
    },
  }
}
