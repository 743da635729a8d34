// @ts-nocheck: builders of graphs are typed where they are used, in build.d.ts
/** Entry of tokenizer.json's added_tokens. Special tokens are dropped by `skip_special_tokens`. */
export function addedToken(id, content, special = true) {
  return { id, content, special, single_word: false, lstrip: false, rstrip: false, normalized: false }
}
