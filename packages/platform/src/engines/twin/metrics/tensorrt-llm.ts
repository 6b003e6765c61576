import { kvUse } from './engine-view.ts';
import { labelValue, type MetricDialect, single } from './family.ts';

/** The names of `trtllm-serve`. */
export const TENSORRT_LLM_METRICS: MetricDialect = {
  labels: ({ model, rank }) => `model_name="${labelValue(model)}",engine_type="trtllm",dp_rank="${rank}"`,
  families: [
    single('trtllm_num_requests_running', 'gauge', ({ core }) => core.queues.running.length),
    single('trtllm_num_requests_waiting', 'gauge', ({ waiting }) => waiting()),
    single('trtllm_kv_cache_utilization', 'gauge', kvUse),
    single('trtllm_kv_cache_hit_rate', 'gauge', ({ core: { counters } }) => (counters.queriedTokens === 0 ? 0 : counters.hitTokens / counters.queriedTokens)),
    // One for the whole server: whoever adds the ranks up would take it for a larger block.
    single('trtllm_kv_cache_tokens_per_block', 'gauge', ({ rank, core: { kv } }) => (rank === 0 ? kv.blockSize : undefined)),
    single('trtllm_kv_cache_max_blocks', 'gauge', ({ core: { kv } }) => kv.blocks),
    single('trtllm_prompt_tokens_total', 'counter', ({ record }) => record.tokens.prompt),
    single('trtllm_generation_tokens_total', 'counter', ({ record }) => record.tokens.generation),
    {
      name: 'trtllm_request_success_total',
      type: 'counter',
      samples: ({ record: { ended } }) => [
        { labels: 'finished_reason="stop"', value: ended.stop },
        { labels: 'finished_reason="length"', value: ended.length },
      ],
    },
    { name: 'trtllm_time_to_first_token_seconds', type: 'histogram', samples: ({ record }) => record.ttft.samples() },
    { name: 'trtllm_time_per_output_token_seconds', type: 'histogram', samples: ({ record }) => record.itl.samples() },
    { name: 'trtllm_e2e_request_latency_seconds', type: 'histogram', samples: ({ record }) => record.e2e.samples() },
    { name: 'trtllm_request_queue_time_seconds', type: 'histogram', samples: ({ record }) => record.queue.samples() },
  ],
};
