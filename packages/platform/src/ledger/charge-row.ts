import { type Charge, RARE_BUCKETS, type Usage } from '@maru/api/records';
import type { Selectable } from 'kysely';
import type { Db } from '#store';

type Tables = Db extends import('kysely').Kysely<infer T> ? T : never;
export type ChargeRow = Selectable<Tables['charge']>;

export function toChargeRow(charge: Charge): ChargeRow {
  const { payer, usage } = charge;
  return {
    id: charge.id,
    request_id: charge.requestId,
    trace_id: charge.traceId,
    at_ms: charge.atMs,
    tenant: payer.tenant,
    key_id: payer.keyId,
    user_name: payer.user ?? null,
    session: payer.session ?? null,
    agent: payer.agent ?? null,
    requested_model: charge.requestedModel,
    model: charge.model,
    endpoint: charge.endpoint,
    provider: charge.provider,
    simulated: charge.simulated ? 1 : 0,
    input_tokens: usage.inputTokens,
    cache_read_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    output_tokens: usage.outputTokens,
    reasoning_tokens: usage.reasoningTokens,
    cost_nano: charge.costNanoUsd,
    discount_for: charge.discount?.for ?? null,
    discount_nano: charge.discount?.nanoUsd ?? null,
    price_source: charge.priceSource,
    outcome: charge.outcome,
    rare_usage: rareUsage(usage),
    tags: payer.tags === undefined ? null : JSON.stringify(payer.tags),
  };
}

export function fromChargeRow(row: ChargeRow): Charge {
  return {
    id: row.id,
    requestId: row.request_id,
    traceId: row.trace_id,
    atMs: row.at_ms,
    payer: {
      tenant: row.tenant,
      keyId: row.key_id,
      ...(row.user_name === null ? {} : { user: row.user_name }),
      ...(row.session === null ? {} : { session: row.session }),
      ...(row.agent === null ? {} : { agent: row.agent }),
      ...(row.tags === null ? {} : { tags: JSON.parse(row.tags) as string[] }),
    },
    requestedModel: row.requested_model,
    model: row.model,
    endpoint: row.endpoint,
    provider: row.provider,
    simulated: row.simulated === 1,
    usage: {
      inputTokens: row.input_tokens,
      cacheReadTokens: row.cache_read_tokens,
      cacheWriteTokens: row.cache_write_tokens,
      outputTokens: row.output_tokens,
      reasoningTokens: row.reasoning_tokens,
      ...(row.rare_usage === null ? {} : (JSON.parse(row.rare_usage) as Partial<Usage>)),
    },
    costNanoUsd: row.cost_nano,
    ...(row.discount_for === null ? {} : { discount: { for: row.discount_for as NonNullable<Charge['discount']>['for'], nanoUsd: row.discount_nano ?? 0 } }),
    priceSource: row.price_source,
    outcome: row.outcome as Charge['outcome'],
  };
}

function rareUsage(usage: Usage): string | null {
  let rare: Record<string, number> | undefined;
  for (const bucket of RARE_BUCKETS) {
    const amount = usage[bucket];
    if (amount === undefined || amount === 0) continue;
    rare ??= {};
    rare[bucket] = amount;
  }
  return rare === undefined ? null : JSON.stringify(rare);
}
