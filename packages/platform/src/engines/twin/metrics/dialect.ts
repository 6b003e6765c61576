import type { MetricDialect } from './family.ts';
import { SGLANG_METRICS } from './sglang.ts';
import { TENSORRT_LLM_METRICS } from './tensorrt-llm.ts';
import { VLLM_METRICS } from './vllm.ts';

/** The metric names of a kind of engine; those of vLLM where it has none of its own. */
export function metricDialect(engine: string | undefined): MetricDialect {
  if (engine === 'sglang') return SGLANG_METRICS;
  return engine === 'tensorrt-llm' ? TENSORRT_LLM_METRICS : VLLM_METRICS;
}
