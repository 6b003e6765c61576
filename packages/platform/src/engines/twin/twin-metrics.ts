import { createHistogram } from './histogram.ts';
import type { KvTransferMetrics } from './kv-transfer/kv-transfer-metrics.ts';
import type { TwinCore } from './twin-core.ts';

const LATENCY_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];

/** Counters of one engine under the names of vLLM, so that its dashboards, scalers and routers read them. */
export interface TwinMetrics {
  firstToken(latencyMs: number): void;
  interToken(latencyMs: number): void;
  finished(outcome: 'stop' | 'length' | 'abort', request: { e2eMs: number; queueMs: number; promptTokens: number; generationTokens: number }): void;
  /** Text format of Prometheus. */
  render(): string;
}

export interface TwinMetricsOptions {
  readonly core: TwinCore;
  readonly model: string;
  readonly waiting: () => number;
  /** Of an engine that takes part in the transfer of keys and values. */
  readonly transfers?: KvTransferMetrics | undefined;
}

export function createTwinMetrics({ core, model, waiting, transfers }: TwinMetricsOptions): TwinMetrics {
  const ttft = createHistogram({ name: 'vllm:time_to_first_token_seconds', help: 'Time to first token.', buckets: LATENCY_BUCKETS_S });
  const itl = createHistogram({ name: 'vllm:inter_token_latency_seconds', help: 'Time between two tokens of a request.', buckets: LATENCY_BUCKETS_S });
  const e2e = createHistogram({ name: 'vllm:e2e_request_latency_seconds', help: 'Time from arrival to the last token.', buckets: LATENCY_BUCKETS_S });
  const queue = createHistogram({ name: 'vllm:request_queue_time_seconds', help: 'Time in the waiting queue.', buckets: LATENCY_BUCKETS_S });
  const success = { stop: 0, length: 0, abort: 0 };
  let promptTokens = 0;
  let generationTokens = 0;
  const label = `model_name="${model.replace(/["\\\n]/g, '_')}",engine="0"`;

  const line = (name: string, type: string, value: number): string => `# TYPE ${name} ${type}\n${name}{${label}} ${value}\n`;

  return {
    firstToken: (latencyMs) => ttft.observe(latencyMs / 1000),
    interToken: (latencyMs) => itl.observe(latencyMs / 1000),
    finished: (outcome, request) => {
      success[outcome] += 1;
      promptTokens += request.promptTokens;
      generationTokens += request.generationTokens;
      e2e.observe(request.e2eMs / 1000);
      queue.observe(request.queueMs / 1000);
    },
    render: () =>
      [
        line('vllm:num_requests_running', 'gauge', core.queues.running.length),
        line('vllm:num_requests_waiting', 'gauge', waiting()),
        line('vllm:kv_cache_usage_perc', 'gauge', 1 - core.kv.freeBlocks / core.kv.blocks),
        line('vllm:prefix_cache_queries_total', 'counter', core.counters.queriedTokens),
        line('vllm:prefix_cache_hits_total', 'counter', core.counters.hitTokens),
        line('vllm:num_preemptions_total', 'counter', core.counters.preemptions),
        line('vllm:prompt_tokens_total', 'counter', promptTokens),
        line('vllm:generation_tokens_total', 'counter', generationTokens),
        `# TYPE vllm:cache_config_info gauge\nvllm:cache_config_info{${label},block_size="${core.kv.blockSize}",num_gpu_blocks="${core.kv.blocks}"} 1\n`,
        '# TYPE vllm:request_success_total counter\n',
        ...Object.entries(success).map(([reason, count]) => `vllm:request_success_total{${label},finished_reason="${reason}"} ${count}\n`),
        ...[ttft, itl, e2e, queue].map((histogram) => histogram.render(label)),
        transfers?.render(label) ?? '',
      ].join(''),
  };
}
