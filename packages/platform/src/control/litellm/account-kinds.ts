import type { Account } from '#ledger';
import { MONEY_FIELDS } from './money-fields.ts';

type Level = Account['level'];

/** How one kind of account looks in LiteLLM's API. */
export interface AccountKind {
  readonly level: Level;
  /** The field with its id. */
  readonly id: string;
  /** The word in messages. */
  readonly word: string;
  /** The field that names the account above it. */
  readonly parent?: string;
  /** Its models are no list of what may be asked for. */
  readonly modelsAreNoRule?: true;
  /** The field that lists its members, the one of each with its budget, and how fields for all of them begin. */
  readonly members?: { readonly list: string; readonly budget: string; readonly all: string };
  /** Fields that are kept and shown again, besides those about money. */
  readonly kept: readonly string[];
  /** What stands where nothing was said. */
  readonly empty: Readonly<Record<string, unknown>>;
}

const NO_MONEY = Object.fromEntries(MONEY_FIELDS.map((name) => [name, null]));
const kind = (fields: AccountKind): AccountKind =>
  Object.freeze({
    ...fields,
    empty: { ...NO_MONEY, metadata: {}, models: [], ...fields.empty },
    kept: [...MONEY_FIELDS, 'metadata', 'models', ...fields.kept],
  });

export const TEAM = kind({
  level: 'team',
  id: 'team_id',
  word: 'team',
  parent: 'organization_id',
  members: { list: 'members_with_roles', budget: 'max_budget_in_team', all: 'team_member' },
  kept: [
    'team_alias',
    'organization_id',
    'members_with_roles',
    'model_aliases',
    'tags',
    'guardrails',
    'policies',
    'prompts',
    'router_settings',
    'team_member_budget',
    'team_member_budget_duration',
    'team_member_rpm_limit',
    'team_member_tpm_limit',
    'team_member_permissions',
    'budget_id',
    'memberships',
  ],
  empty: {
    team_alias: null,
    organization_id: null,
    admins: [],
    members: [],
    members_with_roles: [],
    budget_reset_at: null,
    model_id: null,
    litellm_model_table: null,
    object_permission_id: null,
    team_member_permissions: [],
    access_group_ids: [],
  },
});

export const USER = kind({
  level: 'user',
  id: 'user_id',
  word: 'user',
  kept: [
    'user_email',
    'user_alias',
    'user_role',
    'teams',
    'organizations',
    'sso_user_id',
    'aliases',
    'config',
    'allowed_cache_controls',
    'permissions',
    'budget_id',
  ],
  empty: {
    user_email: null,
    user_alias: null,
    user_role: 'internal_user',
    teams: [],
    sso_user_id: null,
    budget_reset_at: null,
    allowed_cache_controls: [],
    model_spend: {},
    organization_memberships: [],
    object_permission_id: null,
  },
});

export const ORGANIZATION = kind({
  level: 'organisation',
  id: 'organization_id',
  word: 'organization',
  members: { list: 'members', budget: 'max_budget_in_organization', all: 'organization_member' },
  kept: ['organization_alias', 'budget_id', 'members', 'model_tpm_limit', 'model_rpm_limit'],
  empty: { organization_alias: null, budget_id: null, members: [], teams: [], model_spend: {}, litellm_budget_table: null, object_permission_id: null },
});

export const CUSTOMER = kind({
  level: 'end-user',
  id: 'user_id',
  word: 'customer',
  kept: ['alias', 'budget_id', 'allowed_model_region', 'default_model'],
  empty: { alias: null, allowed_model_region: null, default_model: null, litellm_budget_table: null },
});

export const PROJECT = kind({
  level: 'project',
  id: 'project_id',
  word: 'project',
  parent: 'team_id',
  kept: ['project_alias', 'description', 'team_id', 'budget_id', 'tags', 'guardrails', 'policies'],
  empty: { project_alias: null, description: null, team_id: null, budget_id: null, model_spend: {}, litellm_budget_table: null, object_permission_id: null },
});

export const TAG = kind({
  level: 'tag',
  id: 'name',
  word: 'tag',
  // In LiteLLM they are the deployments that take requests with the tag.
  modelsAreNoRule: true,
  kept: ['description', 'budget_id', 'model_info'],
  empty: { description: null, model_info: {}, created_by: null, litellm_budget_table: null },
});
