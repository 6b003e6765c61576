import type { Charge } from '@maru/api/records';
import { nanoToUsd } from '@maru/api/records';
import { toTime } from './kept-fields.ts';

/** A charge in the shape of LiteLLM's table of spend. Prompts and answers are not part of a charge. */
export function toSpendLog(charge: Charge, token: string): Record<string, unknown> {
  const { usage, payer } = charge;
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const completion = usage.outputTokens + usage.reasoningTokens;
  return {
    request_id: charge.requestId,
    call_type: 'acompletion',
    api_key: token,
    spend: charge.costNanoUsd === null ? 0 : nanoToUsd(charge.costNanoUsd),
    total_tokens: prompt + completion,
    prompt_tokens: prompt,
    completion_tokens: completion,
    startTime: toTime(charge.atMs),
    endTime: toTime(charge.atMs),
    completionStartTime: null,
    model: charge.model,
    model_id: charge.endpoint,
    model_group: charge.requestedModel,
    custom_llm_provider: charge.provider,
    api_base: '',
    user: payer.user ?? '',
    // LiteLLM has no word for an unknown price: it shows zero, and the metadata say so.
    metadata: { unpriced: charge.costNanoUsd === null, price_source: charge.priceSource, trace_id: charge.traceId, agent: payer.agent ?? null },
    cache_hit: 'False',
    cache_key: '',
    request_tags: payer.tags ?? [],
    team_id: payer.tenant === 'default' ? null : payer.tenant,
    organization_id: null,
    end_user: payer.user ?? '',
    requester_ip_address: null,
    messages: {},
    response: {},
    session_id: payer.session ?? null,
    status: charge.outcome === 'ok' ? 'success' : 'failure',
  };
}
