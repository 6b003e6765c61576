/** A metric, where needed one value of one label of it. */
export interface MetricRef {
  readonly name: string;
  readonly where?: readonly [label: string, value: string];
}

/** How a kind of engine names what a router wants to know; of several names the first that is there counts. */
export interface Dialect {
  readonly name: string;
  readonly running: readonly MetricRef[];
  readonly waiting: readonly MetricRef[];
  /** From 0 to 1. */
  readonly kvUse: readonly MetricRef[];
  /** A metric that says the sizes of the cache in its labels. */
  readonly cacheInfo?: { readonly name: string; readonly blockSize: string; readonly blocks: string };
  /** A metric that lists LoRA adapters in its labels, separated by commas. */
  readonly adapters?: { readonly name: string; readonly max: string; readonly running: string; readonly waiting: string };
  readonly blockSize?: readonly MetricRef[];
  readonly blocks?: readonly MetricRef[];
  /** Tokens that the cache holds, where blocks are not told. */
  readonly kvTokens?: readonly MetricRef[];
  readonly promptTokens: readonly MetricRef[];
  readonly cachedTokens: readonly MetricRef[];
  /** Label that tells ranks of data parallelism apart. */
  readonly rank: string;
}

const named = (...names: readonly string[]): readonly MetricRef[] => names.map((name) => ({ name }));
const one = (name: string, label: string, value: string): readonly MetricRef[] => [{ name, where: [label, value] }];

/** Newer names first. llm-d's simulator speaks the dialect of vLLM. */
export const DIALECTS: readonly Dialect[] = [
  {
    name: 'vllm',
    running: named('vllm_num_requests_running'),
    waiting: named('vllm_num_requests_waiting'),
    kvUse: named('vllm_kv_cache_usage_perc', 'vllm_gpu_cache_usage_perc'),
    cacheInfo: { name: 'vllm_cache_config_info', blockSize: 'block_size', blocks: 'num_gpu_blocks' },
    adapters: { name: 'vllm_lora_requests_info', max: 'max_lora', running: 'running_lora_adapters', waiting: 'waiting_lora_adapters' },
    promptTokens: named('vllm_prompt_tokens_total'),
    cachedTokens: named('vllm_prefix_cache_hits_total', 'vllm_gpu_prefix_cache_hits_total', 'vllm_prefix_cache_hits'),
    rank: 'engine',
  },
  {
    name: 'sglang',
    running: named('sglang_num_running_reqs'),
    waiting: named('sglang_num_queue_reqs'),
    kvUse: named('sglang_token_usage'),
    cacheInfo: { name: 'sglang_cache_config_info', blockSize: 'page_size', blocks: 'num_pages' },
    kvTokens: named('sglang_max_total_num_tokens'),
    promptTokens: named('sglang_prompt_tokens_total'),
    cachedTokens: named('sglang_cached_tokens_total'),
    rank: 'dp_rank',
  },
  {
    name: 'trtllm-serve',
    running: named('trtllm_num_requests_running'),
    waiting: named('trtllm_num_requests_waiting'),
    kvUse: named('trtllm_kv_cache_utilization'),
    blockSize: named('trtllm_kv_cache_tokens_per_block'),
    blocks: named('trtllm_kv_cache_max_blocks'),
    promptTokens: named('trtllm_prompt_tokens_total', 'trtllm_prompt_tokens'),
    cachedTokens: [],
    rank: 'dp_rank',
  },
  {
    name: 'triton-tensorrt-llm',
    running: one('nv_trt_llm_request_metrics', 'request_type', 'scheduled'),
    waiting: one('nv_trt_llm_request_metrics', 'request_type', 'waiting'),
    kvUse: one('nv_trt_llm_kv_cache_block_metrics', 'kv_cache_block_type', 'fraction'),
    blockSize: one('nv_trt_llm_kv_cache_block_metrics', 'kv_cache_block_type', 'tokens_per'),
    blocks: one('nv_trt_llm_kv_cache_block_metrics', 'kv_cache_block_type', 'max'),
    promptTokens: [],
    cachedTokens: [],
    rank: 'rank',
  },
  {
    name: 'dynamo-frontend',
    running: named('dynamo_frontend_inflight_requests', 'dynamo_frontend_active_requests'),
    waiting: named('dynamo_frontend_queued_requests'),
    kvUse: named('dynamo_component_kvstats_gpu_cache_usage_percent'),
    promptTokens: named('dynamo_frontend_input_sequence_tokens_sum'),
    cachedTokens: [],
    rank: 'dp_rank',
  },
];

/** Every name that any dialect reads. */
export const METRIC_NAMES: ReadonlySet<string> = new Set(
  DIALECTS.flatMap((dialect) => [
    ...[
      dialect.running,
      dialect.waiting,
      dialect.kvUse,
      dialect.blockSize,
      dialect.blocks,
      dialect.kvTokens,
      dialect.promptTokens,
      dialect.cachedTokens,
    ].flatMap((refs) => (refs ?? []).map((ref) => ref.name)),
    ...(dialect.cacheInfo === undefined ? [] : [dialect.cacheInfo.name]),
    ...(dialect.adapters === undefined ? [] : [dialect.adapters.name]),
  ]),
);
