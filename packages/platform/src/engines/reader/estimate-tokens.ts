const PIECE = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}\p{M}]+|[^\s\p{L}\p{N}\p{M}]/gu;
const LETTERS_PER_TOKEN = 6;

/**
 * Tokens of a text by plain counting: one per Korean, Chinese or Japanese character and per sign, one per six letters or digits of a word.
 * An estimate: the reader has no vocabulary of its own. At least 1 for a text that is not empty.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECE)) tokens += Math.ceil([...piece].length / LETTERS_PER_TOKEN);
  return text === '' ? 0 : Math.max(1, tokens);
}
