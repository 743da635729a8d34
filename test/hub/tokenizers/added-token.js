/**
 * Entry of tokenizer.json's added_tokens. Special tokens are dropped by `skip_special_tokens`.
 * @param {number} id @param {string} content
 */
export function addedToken(id, content, special = true) {
  return { id, content, special, single_word: false, lstrip: false, rstrip: false, normalized: false }
}
