/** Bytes of the prompt per block of the index: 64 tokens of four bytes. */
export const BLOCK_TOKENS = 64;
export const BLOCK_BYTES = 256;

/** Longer prompts are told apart by their first 131,072 tokens. */
const MAX_BLOCKS = 2048;

/**
 * One hash per full block of the prompt's bytes, each covering all bytes before it: equal hashes mean equal prefixes,
 * up to a chance of about 2^-53 per pair. A cache that is guessed wrongly costs time, never a wrong answer.
 */
export function blockHashes(bytes: Uint8Array): Float64Array {
  const count = Math.min(MAX_BLOCKS, Math.floor(bytes.length / BLOCK_BYTES));
  const hashes = new Float64Array(count);
  // Four bytes at once, wherever they begin in memory: a copy that is aligned would be as large as the prompt.
  const words = new DataView(bytes.buffer, bytes.byteOffset, count * BLOCK_BYTES);
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  let position = 0;
  for (let block = 0; block < count; block += 1) {
    for (const end = position + BLOCK_BYTES; position < end; position += 4) {
      const word = words.getUint32(position, true);
      high = Math.imul(high ^ word, 0xcc9e2d51);
      high = (high << 15) | (high >>> 17);
      low = Math.imul(low ^ word, 0x1b873593);
      low = (low << 13) | (low >>> 19);
    }
    hashes[block] = (high >>> 11) * 0x1_0000_0000 + (low >>> 0);
  }
  return hashes;
}

/** A hash of a short prompt, which has no full block. */
export function hashBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  const end = Math.min(bytes.length, BLOCK_BYTES);
  for (let index = 0; index < end; index += 1) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return mixBits(hash);
}

/** Hash of a text, for keys and rings. */
export const hashText = (text: string): number => hashBytes(Buffer.from(text.slice(0, 256)));

/** Spreads every input bit over all output bits (the finisher of MurmurHash3). */
export function mixBits(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
