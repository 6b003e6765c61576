import { kvUse } from './engine-view.ts';
import { labelValue, type MetricDialect, single } from './family.ts';

/** The names of SGLang. */
export const SGLANG_METRICS: MetricDialect = {
  labels: ({ model, rank }) => `model_name="${labelValue(model)}",engine_type="unified",dp_rank="${rank}"`,
  families: [
    single('sglang:num_running_reqs', 'gauge', ({ core }) => core.queues.running.length),
    single('sglang:num_queue_reqs', 'gauge', ({ waiting }) => waiting()),
    single('sglang:token_usage', 'gauge', kvUse),
    single('sglang:num_used_tokens', 'gauge', ({ core: { kv } }) => (kv.blocks - kv.freeBlocks) * kv.blockSize),
    single('sglang:max_total_num_tokens', 'gauge', ({ core: { kv } }) => kv.blocks * kv.blockSize),
    {
      name: 'sglang:cache_config_info',
      type: 'gauge',
      samples: ({ core: { kv } }) => [{ labels: `page_size="${kv.blockSize}",num_pages="${kv.blocks}"`, value: 1 }],
    },
    single('sglang:cache_hit_rate', 'gauge', ({ core: { counters } }) => (counters.queriedTokens === 0 ? 0 : counters.hitTokens / counters.queriedTokens)),
    single('sglang:spec_accept_length', 'gauge', ({ core: { speculation } }) =>
      speculation === undefined || speculation.counters.drafts === 0 ? undefined : 1 + speculation.counters.acceptedTokens / speculation.counters.drafts,
    ),
    single('sglang:prompt_tokens_total', 'counter', ({ record }) => record.tokens.prompt),
    single('sglang:cached_tokens_total', 'counter', ({ record }) => record.tokens.cached),
    single('sglang:generation_tokens_total', 'counter', ({ record }) => record.tokens.generation),
    single('sglang:num_requests_total', 'counter', ({ record: { ended } }) => ended.stop + ended.length + ended.abort),
    single('sglang:num_aborted_requests_total', 'counter', ({ record }) => record.ended.abort),
    { name: 'sglang:time_to_first_token_seconds', type: 'histogram', samples: ({ record }) => record.ttft.samples() },
    { name: 'sglang:inter_token_latency_seconds', type: 'histogram', samples: ({ record }) => record.itl.samples() },
    { name: 'sglang:e2e_request_latency_seconds', type: 'histogram', samples: ({ record }) => record.e2e.samples() },
    { name: 'sglang:queue_time_seconds', type: 'histogram', samples: ({ record }) => record.queue.samples() },
  ],
};
