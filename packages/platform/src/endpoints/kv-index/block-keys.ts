const TWO_32 = 0x1_0000_0000;

/** What beside its tokens makes a block differ: the name of a LoRA, a salt, an image. Empty where nothing does. */
export type ExtraKeys = string;

/** Where a chain of blocks begins. */
export const CHAIN_START = 0;

/**
 * Our own hash of a block, 48 bits: of the block before it, its tokens and its extra keys. Engines hash with seeds of their own, so what
 * they send is translated to this, block by block.
 */
export function blockKey(
  parent: number,
  tokens: ArrayLike<number>,
  range: { readonly start: number; readonly end: number; readonly extra?: ExtraKeys },
): number {
  let high = Math.imul(Math.floor(parent / TWO_32) ^ 0x9e3779b9, 0xc2b2ae35);
  let low = (parent >>> 0) ^ 0x85ebca6b;
  const extra = range.extra ?? '';
  for (let index = 0; index < extra.length; index += 1) {
    high = Math.imul(high ^ extra.charCodeAt(index), 0xcc9e2d51);
    low = Math.imul(low ^ high, 0x1b873593);
  }
  for (let index = range.start; index < range.end; index += 1) {
    const token = tokens[index] ?? 0;
    high = Math.imul(high ^ token, 0xcc9e2d51);
    high = (high << 15) | (high >>> 17);
    low = Math.imul(low ^ token, 0x1b873593);
    low = ((low << 13) | (low >>> 19)) ^ high;
  }
  high = Math.imul(high ^ (low >>> 16), 0x85ebca6b);
  low = Math.imul(low ^ (high >>> 13), 0xc2b2ae35);
  return ((high >>> 16) & 0xffff) * TWO_32 + ((low ^ (low >>> 16)) >>> 0);
}

/** What the blocks of a request share beside their tokens. */
export interface RequestKeys {
  readonly lora?: string | undefined;
  /** `cache_salt`: belongs to the first block, and through it to all. */
  readonly salt?: string | undefined;
}

/** Keys of the full blocks of a prompt. */
export function promptKeys(tokens: ArrayLike<number>, blockSize: number, keys: RequestKeys = {}): Float64Array {
  const count = Math.floor(tokens.length / blockSize);
  const out = new Float64Array(count);
  let parent = CHAIN_START;
  for (let block = 0; block < count; block += 1) {
    const extra = extraKeys([...(keys.lora === undefined ? [] : [keys.lora]), ...(block === 0 && keys.salt !== undefined ? [keys.salt] : [])]);
    parent = blockKey(parent, tokens, { start: block * blockSize, end: (block + 1) * blockSize, extra });
    out[block] = parent;
  }
  return out;
}

/** Extra keys as one text; the list that vLLM puts into a block's hash. */
export function extraKeys(keys: readonly unknown[] | null | undefined): ExtraKeys {
  if (keys === null || keys === undefined || keys.length === 0) return '';
  return JSON.stringify(keys, (_name, value: unknown) => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    return typeof value === 'bigint' ? value.toString() : value;
  });
}
