import { createHash } from 'node:crypto';

const hash = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** A key that a client of LiteLLM has; the database knows only its hash. */
export const OLD_KEY = 'sk-old-key-that-clients-have';

/** Tables in the shape of LiteLLM 1.106 (schema.prisma, written anew with the columns that are read and some that are not). */
export const LITELLM_TABLES: readonly string[] = [
  `create table "LiteLLM_BudgetTable" (budget_id text primary key, max_budget double precision, soft_budget double precision, max_parallel_requests integer,
    tpm_limit bigint, rpm_limit bigint, model_max_budget jsonb, budget_duration text, budget_reset_at timestamp(3), created_at timestamp(3) default now(),
    created_by text not null, updated_at timestamp(3) default now(), updated_by text not null)`,
  `create table "LiteLLM_OrganizationTable" (organization_id text primary key, organization_alias text not null, budget_id text not null, metadata jsonb default '{}',
    models text[], spend double precision default 0, model_spend jsonb default '{}', object_permission_id text, created_by text not null, updated_by text not null)`,
  `create table "LiteLLM_TeamTable" (team_id text primary key, team_alias text, organization_id text, admins text[], members text[], members_with_roles jsonb default '{}',
    metadata jsonb default '{}', max_budget double precision, soft_budget double precision, spend double precision default 0, models text[], max_parallel_requests integer,
    tpm_limit bigint, rpm_limit bigint, budget_duration text, budget_reset_at timestamp(3), blocked boolean default false, model_spend jsonb default '{}',
    model_max_budget jsonb default '{}', router_settings jsonb default '{}', model_id integer, created_at timestamp(3) default now(), updated_at timestamp(3) default now())`,
  `create table "LiteLLM_UserTable" (user_id text primary key, user_alias text, team_id text, sso_user_id text, organization_id text, password text, teams text[] default '{}',
    user_role text, max_budget double precision, spend double precision default 0, user_email text, models text[], metadata jsonb default '{}', max_parallel_requests integer,
    tpm_limit bigint, rpm_limit bigint, budget_duration text, budget_reset_at timestamp(3), allowed_cache_controls text[] default '{}', model_spend jsonb default '{}',
    model_max_budget jsonb default '{}')`,
  `create table "LiteLLM_EndUserTable" (user_id text primary key, alias text, spend double precision default 0, allowed_model_region text, default_model text,
    models text[] default '{}', budget_id text, blocked boolean default false)`,
  `create table "LiteLLM_VerificationToken" (token text primary key, key_name text, key_alias text, spend double precision default 0, expires timestamp(3), models text[],
    aliases jsonb default '{}', config jsonb default '{}', user_id text, team_id text, permissions jsonb default '{}', max_parallel_requests integer, metadata jsonb default '{}',
    blocked boolean, tpm_limit bigint, rpm_limit bigint, max_budget double precision, budget_duration text, budget_reset_at timestamp(3),
    allowed_cache_controls text[] default '{}', allowed_routes text[] default '{}', model_spend jsonb default '{}', model_max_budget jsonb default '{}', budget_id text,
    organization_id text, created_at timestamp(3) default now(), updated_at timestamp(3) default now())`,
];

export const LITELLM_ROWS: readonly string[] = [
  `insert into "LiteLLM_BudgetTable" (budget_id, max_budget, rpm_limit, created_by, updated_by) values ('free-tier', 500, 20, 'admin', 'admin')`,
  `insert into "LiteLLM_OrganizationTable" (organization_id, organization_alias, budget_id, models, created_by, updated_by) values ('corp', 'Corporation', 'free-tier', '{}', 'admin', 'admin')`,
  `insert into "LiteLLM_TeamTable" (team_id, team_alias, organization_id, members_with_roles, max_budget, budget_duration, spend, models, rpm_limit)
    values ('team-red', 'Red', 'corp', '[{"role": "admin", "user_id": "kim"}]', 50, '30d', 7.25, '{}', 100), ('팀-파랑', '파랑', null, '[]', null, null, 0, '{reader}', null)`,
  `insert into "LiteLLM_UserTable" (user_id, user_email, user_role, password, spend, models) values ('kim', 'kim@example.kr', 'internal_user', 'a hash that stays here', 2.5, '{}')`,
  `insert into "LiteLLM_EndUserTable" (user_id, alias, budget_id) values ('customer-1', 'First', 'free-tier')`,
  `insert into "LiteLLM_VerificationToken" (token, key_name, key_alias, spend, models, user_id, team_id, metadata, max_budget, rpm_limit)
    values ('${hash(OLD_KEY)}', 'sk-...have', 'old key', 2.5, '{reader}', 'kim', 'team-red', '{"purpose": "tests"}', 10, 60)`,
  `insert into "LiteLLM_VerificationToken" (token, key_name, key_alias, blocked, models) values ('${hash('sk-blocked-key-of-litellm')}', 'sk-...tellm', 'blocked', true, '{}')`,
  `insert into "LiteLLM_VerificationToken" (token, key_name, key_alias, expires, models) values ('${hash('sk-expired-key-of-litellm')}', 'sk-...tellm', 'expired', '2020-01-01', '{}')`,
];
