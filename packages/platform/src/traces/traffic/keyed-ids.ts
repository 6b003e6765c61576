import { createCipheriv, createHash } from 'node:crypto';

/** Bytes of an id: 2^48 leave no chance that two of a million meet by more than one in 500. */
export const ID_BYTES = 6;
const CIPHER_BYTES = 16;

/** Ids of values of at most 16 bytes, one after the other: equal values have equal ids. */
export type KeyedIds = (values: readonly Uint8Array[]) => Buffer;

/** Ids under a key made of a secret text for one use; without the key an id tells nothing of its value. */
export function createKeyedIds(secret: string, use: string): KeyedIds {
  // A block cipher on blocks that stand alone is a keyed permutation; one is kept, because making it costs more than using it.
  const cipher = createCipheriv('aes-128-ecb', digestOf(`${use}\n${secret}`), null).setAutoPadding(false);
  return (values) => {
    const plain = Buffer.alloc(values.length * CIPHER_BYTES);
    for (const [index, value] of values.entries()) plain.set(value.subarray(0, CIPHER_BYTES), index * CIPHER_BYTES);
    const hidden = cipher.update(plain);
    const ids = Buffer.alloc(values.length * ID_BYTES);
    for (let index = 0; index < values.length; index += 1) hidden.copy(ids, index * ID_BYTES, index * CIPHER_BYTES, index * CIPHER_BYTES + ID_BYTES);
    return ids;
  };
}

/** 16 bytes that stand for a text. */
export const digestOf = (text: string): Uint8Array => createHash('sha256').update(text).digest().subarray(0, CIPHER_BYTES);
