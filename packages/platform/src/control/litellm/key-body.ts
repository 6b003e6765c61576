import { z } from 'zod';
import type { UpdateKeyRequest } from '#ledger';
import { keptOf, MONEY_FIELDS, type MoneyFields, moneyShape, toBudgets, toLimits, toModels, toMs } from './money-fields.ts';

const text = z.string().min(1).nullish();

/** What may be said about a key; further fields are kept and shown again. */
const keyShape = {
  ...moneyShape,
  key_alias: text,
  duration: text,
  models: z.array(z.string()).nullish(),
  spend: z.number().nullish(),
  user_id: text,
  team_id: text,
  organization_id: text,
  project_id: text,
  budget_id: text,
  metadata: z.record(z.string(), z.unknown()).nullish(),
  tags: z.array(z.string()).nullish(),
  blocked: z.boolean().nullish(),
  key_type: z.enum(['llm_api', 'management', 'read_only', 'default']).nullish(),
};
export const keyBodySchema = z.looseObject({ ...keyShape, key: z.string().min(1).nullish() });
export type KeyBody = z.infer<typeof keyBodySchema>;

/** Fields that are shown again as they were written. */
const KEPT = [
  ...MONEY_FIELDS,
  'models',
  'aliases',
  'config',
  'permissions',
  'metadata',
  'budget_id',
  'organization_id',
  'project_id',
  'agent_id',
  'team_id',
  'key_type',
  'guardrails',
  'policies',
  'prompts',
  'enforced_params',
  'allowed_routes',
  'allowed_cache_controls',
  'tpm_limit_type',
  'rpm_limit_type',
  'router_settings',
  'auto_rotate',
  'rotation_interval',
] as const;

export const keptOfKey = (body: Readonly<Record<string, unknown>>): Record<string, unknown> => keptOf(body, KEPT);

/** Settings of a key, out of all that is now said about it. The account that pays is the team, else the project, else the organisation. */
export function toKeySettings(said: KeyBody, nowMs: number): UpdateKeyRequest {
  const money = said as MoneyFields;
  const lifeMs = toMs(said.duration);
  return {
    tenant: said.team_id ?? said.project_id ?? said.organization_id ?? 'default',
    user: said.user_id ?? null,
    models: toModels(said.models) ?? null,
    budgets: toBudgets(money),
    limits: toLimits(money) ?? null,
    tags: said.tags ?? null,
    ...(lifeMs === undefined ? {} : { expiresMs: nowMs + lifeMs }),
    ...(typeof said.blocked === 'boolean' ? { blocked: said.blocked } : {}),
    admin: said.key_type === 'management',
  };
}
