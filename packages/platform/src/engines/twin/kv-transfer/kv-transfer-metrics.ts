import { createHistogram } from '../histogram.ts';

const TRANSFER_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const SIZE_BUCKETS = [1e6, 1e7, 5e7, 1e8, 2.5e8, 5e8, 1e9, 2.5e9, 5e9, 1e10];

/** Transfers of keys and values to one engine, under the names of vLLM. */
export interface KvTransferMetrics {
  /** A prompt of `promptTokens` came with `tokens` of its keys and values. */
  fetched(transfer: { readonly promptTokens: number; readonly tokens: number; readonly bytes: number; readonly ms: number }): void;
  failed(promptTokens: number): void;
  render(label: string): string;
}

export function createKvTransferMetrics(): KvTransferMetrics {
  const time = createHistogram({ name: 'vllm:nixl_xfer_time_seconds', help: 'Time of a KV transfer.', buckets: TRANSFER_BUCKETS_S });
  const size = createHistogram({ name: 'vllm:nixl_bytes_transferred', help: 'Bytes of a KV transfer.', buckets: SIZE_BUCKETS });
  let failures = 0;
  let queriedTokens = 0;
  let hitTokens = 0;
  return {
    fetched: ({ promptTokens, tokens, bytes, ms }) => {
      queriedTokens += promptTokens;
      hitTokens += tokens;
      time.observe(ms / 1000);
      size.observe(bytes);
    },
    failed: (promptTokens) => {
      queriedTokens += promptTokens;
      failures += 1;
    },
    render: (label) =>
      [
        ...[
          ['vllm:external_prefix_cache_queries_total', queriedTokens],
          ['vllm:external_prefix_cache_hits_total', hitTokens],
          ['vllm:nixl_num_failed_transfers_total', failures],
        ].map(([name, value]) => `# TYPE ${name} counter\n${name}{${label}} ${value}\n`),
        time.render(label),
        size.render(label),
      ].join(''),
  };
}
