import type { BudgetSpec, LimitsSpec } from '@maru/api/resources';
import { z } from 'zod';

const optional = <T extends z.ZodType>(schema: T) => schema.nullish();
const amount = z.number().nonnegative();
const count = z.number().int().nonnegative();

/** Fields about money and rates that keys, users, teams, organisations, budgets and customers have in common. */
export const moneyShape = {
  max_budget: optional(amount),
  soft_budget: optional(amount),
  budget_duration: optional(z.string()),
  budget_limits: optional(z.array(z.looseObject({ budget_duration: z.string(), max_budget: amount }))),
  model_max_budget: optional(z.record(z.string(), z.union([amount, z.looseObject({ budget_limit: amount, time_period: optional(z.string()) })]))),
  tpm_limit: optional(count),
  rpm_limit: optional(count),
  max_parallel_requests: optional(count),
  model_rpm_limit: optional(z.record(z.string(), count)),
  model_tpm_limit: optional(z.record(z.string(), count)),
};
const moneySchema = z.object(moneyShape);
export type MoneyFields = z.infer<typeof moneySchema>;

/** Names of {@link moneyShape}. */
export const MONEY_FIELDS = Object.keys(moneyShape) as readonly (keyof MoneyFields)[];

/** LiteLLM begins these again with the calendar; every other length of time rolls. */
const CALENDAR: Readonly<Record<string, string>> = { '1h': 'hour', '1d': 'day', '24h': 'day', '7d': 'week', '1w': 'week', '30d': 'month', '1mo': 'month' };

function toWindow(duration: string | null | undefined): string {
  if (duration === null || duration === undefined) return 'total';
  const known = CALENDAR[duration];
  if (known !== undefined) return known;
  const match = /^(\d+)(s|m|h|d|w|mo)$/.exec(duration);
  const [, digits = '1', unit] = match ?? [];
  if (unit === 's') return `${Math.max(1, Math.ceil(Number(digits) / 60))}m`;
  if (unit === 'w') return `${Number(digits) * 7}d`;
  if (unit === 'mo') return `${Number(digits) * 30}d`;
  return unit === undefined ? 'total' : `${digits}${unit}`;
}

/** Budgets of an owner; those of a model count only its requests. */
export function toBudgets(fields: MoneyFields): BudgetSpec[] {
  const window = toWindow(fields.budget_duration);
  const make = (usd: number, more: Partial<BudgetSpec> = {}): BudgetSpec => ({ usd, window, mode: 'hard', warnAtPercent: 80, ...more });
  return [
    ...(typeof fields.max_budget === 'number' ? [make(fields.max_budget)] : []),
    ...(typeof fields.soft_budget === 'number' ? [make(fields.soft_budget, { mode: 'soft' })] : []),
    ...(fields.budget_limits ?? []).map((limit) => make(limit.max_budget, { window: toWindow(limit.budget_duration) })),
    ...Object.entries(fields.model_max_budget ?? {}).map(([model, limit]) =>
      typeof limit === 'number' ? make(limit, { models: [model] }) : make(limit.budget_limit, { window: toWindow(limit.time_period), models: [model] }),
    ),
  ];
}

/** Rates of an owner; undefined where it has none. Zero of LiteLLM means none either. */
export function toLimits(fields: MoneyFields): LimitsSpec | undefined {
  const rate = (name: string, value: number | null | undefined) => (typeof value === 'number' && value > 0 ? { [name]: value } : {});
  const models = new Set([...Object.keys(fields.model_rpm_limit ?? {}), ...Object.keys(fields.model_tpm_limit ?? {})]);
  const perModel = Object.fromEntries(
    [...models].map((model) => [
      model,
      { ...rate('requestsPerMinute', fields.model_rpm_limit?.[model]), ...rate('tokensPerMinute', fields.model_tpm_limit?.[model]) },
    ]),
  );
  const limits: LimitsSpec = {
    ...rate('requestsPerMinute', fields.rpm_limit),
    ...rate('tokensPerMinute', fields.tpm_limit),
    ...rate('concurrentRequests', fields.max_parallel_requests),
    ...(models.size === 0 ? {} : { perModel }),
  };
  return Object.keys(limits).length === 0 ? undefined : limits;
}

const EVERYTHING = new Set(['all-proxy-models', 'all-team-models', '*']);

/** Allowed models; undefined for all. `no-default-models` allows none. */
export function toModels(models: readonly string[] | null | undefined): string[] | undefined {
  if (models === null || models === undefined || models.length === 0 || models.some((name) => EVERYTHING.has(name))) return undefined;
  return models.filter((name) => name !== 'no-default-models');
}

/** Milliseconds of `30s`, `12h`, `30d`; undefined where it is none. */
export function toMs(duration: string | null | undefined): number | undefined {
  const match = /^(\d+)(s|m|h|d|w|mo)$/.exec(duration ?? '');
  const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, mo: 2_592_000_000 };
  const unit = units[match?.[2] ?? ''];
  return unit === undefined ? undefined : Number(match?.[1]) * unit;
}

/** The fields of a request that are kept to be shown again. */
export const keptOf = (fields: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])));
