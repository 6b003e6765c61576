import { createHistogram, type Histogram } from '../metrics/histogram.ts';

const TRANSFER_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const SIZE_BUCKETS = [1e6, 1e7, 5e7, 1e8, 2.5e8, 5e8, 1e9, 2.5e9, 5e9, 1e10];

/** Transfers of keys and values to one engine. */
export interface KvTransferRecord {
  readonly time: Histogram;
  readonly size: Histogram;
  readonly failures: number;
  /** Prompt tokens that were asked for, and those that came. */
  readonly queriedTokens: number;
  readonly hitTokens: number;
  /** A prompt of `promptTokens` came with `tokens` of its keys and values. */
  fetched(transfer: { readonly promptTokens: number; readonly tokens: number; readonly bytes: number; readonly ms: number }): void;
  failed(promptTokens: number): void;
}

export function createKvTransferRecord(): KvTransferRecord {
  const [time, size] = [createHistogram(TRANSFER_BUCKETS_S), createHistogram(SIZE_BUCKETS)];
  const counts = { failures: 0, queriedTokens: 0, hitTokens: 0 };
  return {
    time,
    size,
    get failures() {
      return counts.failures;
    },
    get queriedTokens() {
      return counts.queriedTokens;
    },
    get hitTokens() {
      return counts.hitTokens;
    },
    fetched: ({ promptTokens, tokens, bytes, ms }) => {
      counts.queriedTokens += promptTokens;
      counts.hitTokens += tokens;
      time.observe(ms / 1000);
      size.observe(bytes);
    },
    failed: (promptTokens) => {
      counts.queriedTokens += promptTokens;
      counts.failures += 1;
    },
  };
}
