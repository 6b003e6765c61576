import { PlatformError } from '@maru/api/errors';
import { TENANT_LEVELS, type Tenant, tenantKind } from '@maru/api/resources';
import { z } from 'zod';

export type AccountLevel = (typeof TENANT_LEVELS)[number];

/** Names of the API may be whatever another system calls its people: no more than this, without control characters. */
export const accountNameSchema = z
  .string()
  .min(1)
  .max(256)
  // biome has no rule for what a name may hold: characters that break logs and headers may not.
  .regex(/^[^\p{Cc}]+$/u, 'must not contain control characters');

const specSchema = z.strictObject({ ...tenantKind.spec.shape, parent: accountNameSchema.optional() }).omit({ level: true, guardrails: true });
export type AccountSpec = z.infer<typeof specSchema>;

/**
 * One node of the tree organisation → team → project → user, an end user or a tag. Tenants of YAML and accounts of the API have
 * the same form and stand in the same tree.
 */
export interface Account {
  /** Unique: the name itself, or `end-user/NAME` and `tag/NAME`. */
  readonly id: string;
  readonly level: AccountLevel;
  readonly name: string;
  readonly spec: AccountSpec;
  /** Kept for people and foreign clients; no rule reads it. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** A resource is changed by its YAML only. */
  readonly source: 'resource' | 'api';
  readonly createdMs?: number;
  readonly updatedMs?: number;
}

export interface PutAccountRequest {
  readonly level: AccountLevel;
  readonly name: string;
  /** As `spec` of a Tenant, without `level`. */
  readonly spec?: z.input<typeof specSchema> | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

const MAX_METADATA_BYTES = 65_536;
const requestSchema = z.strictObject({
  level: z.enum(TENANT_LEVELS),
  name: accountNameSchema,
  spec: specSchema.prefault({}),
  metadata: z.record(z.string(), z.unknown()).default({}),
});

/** Organisations, teams, projects and users share one space of names: a key names its account without a level. */
export const accountId = (level: AccountLevel, name: string): string => (level === 'end-user' || level === 'tag' ? `${level}/${name}` : name);

/** Throws `invalid_request` naming the field. */
export function parseAccountRequest(request: PutAccountRequest): Omit<Account, 'source'> {
  const parsed = requestSchema.safeParse(request);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new PlatformError('invalid_request', { message: `account: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}` });
  }
  const { level, name, spec, metadata } = parsed.data;
  if (JSON.stringify(metadata).length > MAX_METADATA_BYTES)
    throw new PlatformError('invalid_request', { message: `account: metadata: has more than ${MAX_METADATA_BYTES} bytes` });
  return { id: accountId(level, name), level, name, spec, metadata };
}

export function accountOfTenant(tenant: Tenant): Account {
  const { level, guardrails: _, ...spec } = tenant.spec;
  const { name } = tenant.metadata;
  return { id: accountId(level, name), level, name, spec, metadata: {}, source: 'resource' };
}

/** Reads what {@link Account} has written into the database. */
export const parseStoredSpec = (json: string): AccountSpec => specSchema.parse(JSON.parse(json));
