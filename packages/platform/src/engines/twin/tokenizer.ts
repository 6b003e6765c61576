/** Bytes of UTF-8 per token: near what current tokenizers need for English prose and for Hangul alike. */
export const BYTES_PER_TOKEN = 4;

/** Estimated number of tokens: one per four bytes of UTF-8, rounded up. Deterministic, and not the tokenizer of any real model. */
export const countTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

/** Cuts a text into as many pieces as {@link countTokens} says, never inside a character; joined they are the text. */
export function tokenize(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let bytes = 0;
  let boundary = BYTES_PER_TOKEN;
  for (const character of text) {
    bytes += utf8Length(character.codePointAt(0) ?? 0);
    if (bytes > boundary) {
      pieces.push(piece);
      piece = '';
      boundary += BYTES_PER_TOKEN;
    }
    piece += character;
  }
  if (piece !== '') pieces.push(piece);
  return pieces;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
