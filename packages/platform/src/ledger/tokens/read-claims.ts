import { PlatformError } from '@maru/api/errors';
import type { TokenIssuerSpec } from '@maru/api/resources';
import { compileClaimExpression } from '#expressions';
import { accountNameSchema } from '../account.ts';
import { DEFAULT_TENANT } from '../principal.ts';

/** Who a token stands for. */
export interface Caller {
  readonly tenant: string;
  readonly user: string;
  readonly endUser?: string;
  readonly models?: readonly string[];
  readonly tags?: readonly string[];
}

const MAX_LIST = 100;
const MAX_TEXT = 256;

/** What the claims of a verified token mean here. Throws `forbidden` when they do not fulfil the condition, or do not say what is asked of them. */
export function readClaims(claims: Readonly<Record<string, unknown>>, spec: TokenIssuerSpec): Caller {
  const { condition, map, within } = spec;
  if (condition !== undefined && compileClaimExpression(condition).read(claims) !== true)
    throw new PlatformError('forbidden', { message: `the claims of the token do not fulfil the condition of its issuer: ${condition}` });
  const value = (source: string): unknown => compileClaimExpression(source).read(claims);
  const tenant = map.tenant === undefined ? (within ?? DEFAULT_TENANT) : nameOf(value(map.tenant), 'tenant', map.tenant);
  // End users and tags stand beside the tree: nobody pays through them.
  if (/^(end-user|tag)\//.test(tenant)) throw unclear('tenant', map.tenant ?? '', 'the name of a team, project or organisation');
  return {
    tenant,
    user: nameOf(value(map.user ?? 'claims.sub'), 'user', map.user ?? 'claims.sub'),
    ...(map.endUser === undefined ? {} : { endUser: nameOf(value(map.endUser), 'endUser', map.endUser) }),
    ...(map.models === undefined ? {} : { models: listOf(value(map.models), 'models', map.models) }),
    ...(map.tags === undefined ? {} : { tags: listOf(value(map.tags), 'tags', map.tags) }),
  };
}

function nameOf(value: unknown, field: string, source: string): string {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
  const name = accountNameSchema.safeParse(text);
  if (!name.success) throw unclear(field, source, 'a name');
  return name.data;
}

function listOf(value: unknown, field: string, source: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > MAX_LIST || !list.every((each) => typeof each === 'string' && each !== '' && each.length <= MAX_TEXT))
    throw unclear(field, source, 'a list of names');
  return list as readonly string[];
}

const unclear = (field: string, source: string, what: string): PlatformError =>
  new PlatformError('forbidden', { message: `the claims of the token do not give ${what} for "${field}" (${source}): ask whoever gives out the tokens` });
