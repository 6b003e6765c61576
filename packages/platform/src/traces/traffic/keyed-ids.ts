import { createCipheriv, createHash } from 'node:crypto';

/** Bytes of an id: 2^48 leave no chance that two of a million meet by more than one in 500. */
export const ID_BYTES = 6;
const CIPHER_BYTES = 16;

/** Ids of values that stand one after the other, each of so many bytes, at most 16: equal values have equal ids. */
export type KeyedIds = (values: Uint8Array, valueBytes: number) => Buffer;

/** Ids under a key made of a secret text for one use; without the key an id tells nothing of its value. */
export function createKeyedIds(secret: string, use: string): KeyedIds {
  // A block cipher on blocks that stand alone is a keyed permutation; one is kept, because making it costs more than using it.
  const cipher = createCipheriv('aes-128-ecb', digestOf(`${use}\n${secret}`), null).setAutoPadding(false);
  return (values, valueBytes) => {
    const count = Math.floor(values.length / valueBytes);
    const hidden = cipher.update(recut(values, { count, from: valueBytes, to: CIPHER_BYTES }));
    return recut(hidden, { count, from: CIPHER_BYTES, to: ID_BYTES });
  };
}

/** The same pieces in another length: cut at their end, or filled with zeros. */
function recut(bytes: Uint8Array, { count, from, to }: { readonly count: number; readonly from: number; readonly to: number }): Buffer {
  const cut = Buffer.alloc(count * to);
  const kept = Math.min(from, to);
  // Byte by byte: a call to copy six bytes costs fifty times as much.
  for (let piece = 0; piece < count; piece += 1) for (let index = 0; index < kept; index += 1) cut[piece * to + index] = bytes[piece * from + index] ?? 0;
  return cut;
}

/** 16 bytes that stand for a text. */
export const digestOf = (text: string): Uint8Array => createHash('sha256').update(text).digest().subarray(0, CIPHER_BYTES);
