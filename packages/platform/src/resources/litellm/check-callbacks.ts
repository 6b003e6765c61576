import { isMap } from './entry.ts';
import type { MergedConfig } from './merge-includes.ts';
import type { Notices } from './notices.ts';
import { toTexts } from './read-value.ts';

const LISTS = ['callbacks', 'success_callback', 'failure_callback', 'service_callback', 'service_callbacks', 'input_callback', 'audit_log_callbacks'];

const OTHERWISE: Readonly<Record<string, string>> = {
  langfuse: 'traces stand in the platform, which takes the SDKs of Langfuse too',
  langfuse_otel: 'traces stand in the platform, which takes the SDKs of Langfuse too',
  otel: 'traces stand in the platform, and take over the traceparent of a request',
  s3: 'charges are read from /api/v1/charges',
  lakera_prompt_injection: 'REQUESTS ARE NOT CHECKED: write a guardrail of the type injection into the Route',
  hide_secrets: 'REQUESTS ARE NOT CHECKED: write a guardrail of the type secrets into the Route',
  presidio: 'REQUESTS ARE NOT CHECKED: write a guardrail of the type pii into the Route',
};
/** What always holds here: metrics stand at /metrics, limits are kept, traces need no switch. */
const ALWAYS = new Set([
  'prometheus',
  'prometheus_system',
  'max_parallel_request_limiter',
  'max_budget_limiter',
  'parallel_request_limiter_v3',
  'dynamic_rate_limiter',
]);

/** Names each callback that is not called, with what stands in its place. */
export function checkCallbacks(config: MergedConfig, notices: Notices): void {
  const block = config.value['litellm_settings'];
  if (!isMap(block)) return;
  for (const list of LISTS)
    for (const [index, name] of (toTexts(block[list]) ?? []).entries())
      if (!ALWAYS.has(name))
        notices.warn(
          ['litellm_settings', list, ...(Array.isArray(block[list]) ? [index] : [])],
          `the callback "${name}" is not called: ${OTHERWISE[name] ?? 'metrics stand at /metrics, traces and charges in the platform'}`,
        );
}
