import { type EngineView, kvUse } from './engine-view.ts';
import { labelValue, type MetricDialect, type MetricFamily, single } from './family.ts';

const histogram = (name: string, of: (view: EngineView) => { samples(): ReturnType<MetricFamily['samples']> } | undefined): MetricFamily => ({
  name,
  type: 'histogram',
  samples: (view) => of(view)?.samples() ?? [],
});

/** The names of vLLM, so that its dashboards, scalers and routers read a twin. */
export const VLLM_METRICS: MetricDialect = {
  labels: ({ model, rank }) => `model_name="${labelValue(model)}",engine="${rank}"`,
  families: [
    single('vllm:num_requests_running', 'gauge', ({ core }) => core.queues.running.length),
    single('vllm:num_requests_waiting', 'gauge', ({ waiting }) => waiting()),
    single('vllm:kv_cache_usage_perc', 'gauge', kvUse),
    single('vllm:prefix_cache_queries_total', 'counter', ({ core }) => core.counters.queriedTokens),
    single('vllm:prefix_cache_hits_total', 'counter', ({ core }) => core.counters.hitTokens),
    single('vllm:num_preemptions_total', 'counter', ({ core }) => core.counters.preemptions),
    single('vllm:prompt_tokens_total', 'counter', ({ record }) => record.tokens.prompt),
    single('vllm:generation_tokens_total', 'counter', ({ record }) => record.tokens.generation),
    {
      name: 'vllm:cache_config_info',
      type: 'gauge',
      samples: ({ core: { kv } }) => [{ labels: `block_size="${kv.blockSize}",num_gpu_blocks="${kv.blocks}"`, value: 1 }],
    },
    {
      name: 'vllm:request_success_total',
      type: 'counter',
      samples: ({ record }) => Object.entries(record.ended).map(([reason, value]) => ({ labels: `finished_reason="${reason}"`, value })),
    },
    histogram('vllm:time_to_first_token_seconds', ({ record }) => record.ttft),
    histogram('vllm:inter_token_latency_seconds', ({ record }) => record.itl),
    histogram('vllm:e2e_request_latency_seconds', ({ record }) => record.e2e),
    histogram('vllm:request_queue_time_seconds', ({ record }) => record.queue),
    { name: 'vllm:lora_requests_info', type: 'gauge', samples: loraInfo },
    single('vllm:spec_decode_num_drafts_total', 'counter', ({ core }) => core.speculation?.counters.drafts),
    single('vllm:spec_decode_num_draft_tokens_total', 'counter', ({ core }) => core.speculation?.counters.draftTokens),
    single('vllm:spec_decode_num_accepted_tokens_total', 'counter', ({ core }) => core.speculation?.counters.acceptedTokens),
    {
      name: 'vllm:spec_decode_num_accepted_tokens_per_pos_total',
      type: 'counter',
      samples: ({ core }) => (core.speculation?.counters.acceptedAt ?? []).map((value, position) => ({ labels: `position="${position}"`, value })),
    },
    { name: 'vllm:engine_sleep_state', type: 'gauge', samples: sleepState },
    single('vllm:external_prefix_cache_queries_total', 'counter', (view) => external(view, 'queriedTokens')),
    single('vllm:external_prefix_cache_hits_total', 'counter', (view) => external(view, 'hitTokens')),
    single('vllm:nixl_num_failed_transfers_total', 'counter', ({ transfers }) => transfers?.failures),
    histogram('vllm:nixl_xfer_time_seconds', ({ transfers }) => transfers?.time),
    histogram('vllm:nixl_bytes_transferred', ({ transfers }) => transfers?.size),
  ],
};

/** What was asked for and found outside of the engine's own memory: in another engine, or in its tiers. */
const external = ({ transfers, core }: EngineView, what: 'queriedTokens' | 'hitTokens'): number | undefined =>
  transfers === undefined && core.tiers === undefined ? undefined : (transfers?.[what] ?? 0) + (core.tiers?.counters[what] ?? 0);

/** The lists stand in the labels; the value is the time at which they were written. */
function loraInfo({ core, nowS }: EngineView): ReturnType<MetricFamily['samples']> {
  if (core.adapters === undefined) return [];
  const waiting = new Set(core.queues.waiting.flatMap(({ adapter }) => adapter ?? []));
  const list = (names: Iterable<string>): string => labelValue([...names].join(','));
  const labels = `max_lora="${core.adapters.max}",running_lora_adapters="${list(core.adapters.running())}",waiting_lora_adapters="${list(waiting)}"`;
  return [{ labels, value: nowS() }];
}

function sleepState({ sleepLevel }: EngineView): ReturnType<MetricFamily['samples']> {
  const level = sleepLevel();
  return ['awake', 'weights_offloaded', 'discard_all'].map((state, index) => ({ labels: `sleep_state="${state}"`, value: index === level ? 1 : 0 }));
}
