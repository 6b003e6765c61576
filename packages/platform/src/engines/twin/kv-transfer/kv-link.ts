import type { Model } from '@maru/api/resources';

/** Keys and values of one token of Llama 3.1 8B in 16 bits: 32 layers of 8 heads with 128 dimensions, twice. */
const USUAL_BYTES_PER_TOKEN = 131_072;

/** The way of keys and values from one engine to another. */
export interface KvLink {
  bytesOf(tokens: number): number;
  transferMs(tokens: number): number;
  /** Counts one more transfer, and says whether this one fails. */
  fails(): boolean;
}

/** The link that a Model describes. */
export function createKvLink(spec: Model['spec']): KvLink {
  const { gigabytesPerS = 25, latencyMs = 2, bytesPerToken = architectureBytes(spec.architecture), failEvery } = spec.serving?.twin?.kvTransfer ?? {};
  const bytesOf = (tokens: number): number => tokens * (bytesPerToken ?? USUAL_BYTES_PER_TOKEN);
  let transfers = 0;
  return {
    bytesOf,
    transferMs: (tokens) => latencyMs + bytesOf(tokens) / (gigabytesPerS * 1e6),
    fails: () => {
      transfers += 1;
      return failEvery !== undefined && transfers % failEvery === 0;
    },
  };
}

const architectureBytes = (architecture: Model['spec']['architecture']): number | undefined =>
  architecture === undefined ? undefined : 2 * architecture.layers * architecture.kvHeads * architecture.headDim * architecture.bytesPerKv;
