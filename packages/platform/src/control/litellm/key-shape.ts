import { createHash } from 'node:crypto';
import type { KeyInfo } from '#ledger';
import { keptFields, toTime } from './kept-fields.ts';

/** What LiteLLM calls the token of a key: the SHA-256 of its secret. */
export const tokenOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

const NULLS = Object.fromEntries(
  [
    'max_budget',
    'soft_budget',
    'budget_duration',
    'budget_reset_at',
    'budget_id',
    'tpm_limit',
    'rpm_limit',
    'max_parallel_requests',
    'organization_id',
    'project_id',
    'agent_id',
    'litellm_budget_table',
    'budget_limits',
    'guardrails',
    'policies',
    'prompts',
    'enforced_params',
    'allowed_routes',
    'object_permission_id',
    'rotation_interval',
    'auto_rotate',
    'key_type',
    'tpm_limit_type',
    'rpm_limit_type',
    'router_settings',
    'created_by',
    'updated_by',
  ].map((name) => [name, null]),
);

/** A key in the shape of LiteLLM's table of tokens, without its secret. */
export function toLitellmKey(info: KeyInfo, spend: number): Record<string, unknown> {
  const kept = keptFields(info.metadata);
  return {
    ...NULLS,
    aliases: {},
    config: {},
    permissions: {},
    allowed_cache_controls: [],
    model_spend: {},
    model_max_budget: {},
    metadata: {},
    ...kept,
    token: kept['token'] ?? info.id,
    token_id: kept['token'] ?? info.id,
    key_name: `${info.prefix}...`,
    key_alias: info.name,
    spend,
    expires: toTime(info.expiresMs),
    models: kept['models'] ?? info.models ?? [],
    user_id: info.user ?? kept['user_id'] ?? null,
    team_id: kept['team_id'] ?? (info.tenant === 'default' || info.tenant === kept['project_id'] ? null : info.tenant),
    blocked: info.blocked,
    tags: info.tags ?? [],
    created_at: toTime(info.createdMs),
    updated_at: kept['updated_at'] ?? toTime(info.createdMs),
    last_active: toTime(info.lastUsedMs),
  };
}
