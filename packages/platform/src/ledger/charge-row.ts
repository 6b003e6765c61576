import { type Charge, RARE_BUCKETS, type Usage } from '@maru/api/records';
import type { Selectable } from 'kysely';
import type { Db, RowOf } from '#store';

type Tables = Db extends import('kysely').Kysely<infer T> ? T : never;
type ChargeRow = Selectable<Tables['charge']>;

/** The columns of a charge in the order of {@link toChargeValues}. */
export const CHARGE_COLUMNS = [
  'id',
  'request_id',
  'trace_id',
  'at_ms',
  'tenant',
  'key_id',
  'user_name',
  'session',
  'agent',
  'requested_model',
  'model',
  'endpoint',
  'provider',
  'simulated',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_nano',
  'discount_for',
  'discount_nano',
  'price_source',
  'outcome',
  'rare_usage',
  'tags',
] as const;

export function toChargeValues(charge: Charge): RowOf<'charge', typeof CHARGE_COLUMNS> {
  const { payer, usage, discount } = charge;
  return [
    charge.id,
    charge.requestId,
    charge.traceId,
    charge.atMs,
    payer.tenant,
    payer.keyId,
    payer.user ?? null,
    payer.session ?? null,
    payer.agent ?? null,
    charge.requestedModel,
    charge.model,
    charge.endpoint,
    charge.provider,
    charge.simulated ? 1 : 0,
    usage.inputTokens,
    usage.cacheReadTokens,
    usage.cacheWriteTokens,
    usage.outputTokens,
    usage.reasoningTokens,
    charge.costNanoUsd,
    discount?.for ?? null,
    discount?.nanoUsd ?? null,
    charge.priceSource,
    charge.outcome,
    rareUsage(usage),
    payer.tags === undefined ? null : JSON.stringify(payer.tags),
  ];
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
