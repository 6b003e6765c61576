import { PlatformError } from '@maru/api/errors';
import { type BudgetSpec, type LimitsSpec, tenantKind } from '@maru/api/resources';
import { z } from 'zod';
import { accountNameSchema } from './account.ts';
import type { KeyInfo } from './key-info.ts';

/** What may be said about a key when it is made, and changed later. */
interface KeySettings {
  /** Id of the account that pays. */
  readonly tenant: string;
  readonly user?: string | undefined;
  readonly name: string;
  readonly models?: readonly string[] | undefined;
  readonly budgets?: readonly { readonly [Name in keyof BudgetSpec]?: BudgetSpec[Name] | undefined }[] | undefined;
  readonly limits?: LimitsSpec | undefined;
  readonly tags?: readonly string[] | undefined;
  /** For people and foreign clients; no rule reads it. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly expiresMs?: number | undefined;
  readonly blocked?: boolean | undefined;
  /** May change the platform. */
  readonly admin?: boolean | undefined;
}

/** A new key, with a secret of its own unless one is given. */
export interface CreateKeyRequest extends KeySettings {
  /** A secret that somebody else chose; begins with `sk-`. */
  readonly secret?: string | undefined;
  /** SHA-256 in hex of a secret that nobody here knows, for keys of another gateway. Not together with `secret`. */
  readonly hash?: string | undefined;
  /** The first characters to show for a key that came as a hash. */
  readonly prefix?: string | undefined;
}

/** Changes only what is named; null takes a setting away. */
export type UpdateKeyRequest = { readonly [Name in keyof KeySettings]?: KeySettings[Name] | null | undefined };

const tenant = tenantKind.spec.shape;
const settingsSchema = z.strictObject({
  tenant: accountNameSchema,
  user: accountNameSchema.optional(),
  name: z.string().trim().min(1).max(256),
  models: tenant.models,
  budgets: tenant.budgets,
  limits: tenant.limits,
  tags: z.array(accountNameSchema).max(50).optional(),
  metadata: z.record(z.string(), z.unknown()).default({}),
  expiresMs: z.number().int().positive().optional(),
  blocked: z.boolean().default(false),
  admin: z.boolean().default(false),
});
const createSchema = settingsSchema.extend({
  secret: z
    .string()
    .regex(/^sk-[\x21-\x7e]{9,253}$/, 'must begin with "sk-" and have 12 to 256 printable characters')
    .optional(),
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be SHA-256 in hex')
    .optional(),
  prefix: z.string().min(1).max(20).optional(),
});
const MAX_METADATA_BYTES = 65_536;

type Settings = Omit<KeyInfo, 'id' | 'prefix' | 'createdMs' | 'revokedMs' | 'lastUsedMs' | 'oldUntilMs'>;

/** Throws `invalid_request` naming the field. */
export function parseCreateKey(request: CreateKeyRequest): {
  settings: Settings;
  secret?: string | undefined;
  hash?: string | undefined;
  prefix?: string | undefined;
} {
  const { secret, hash, prefix, ...settings } = parseWith(createSchema, request);
  if (secret !== undefined && hash !== undefined) throw new PlatformError('invalid_request', { message: 'key: give a secret or a hash, not both' });
  return { settings: withoutUndefined(settings), secret, hash, prefix };
}

/** The settings of a key after a change. Throws `invalid_request` naming the field. */
export function mergeKeySettings(info: KeyInfo, change: UpdateKeyRequest): Settings {
  const { id: _id, prefix: _prefix, createdMs: _created, revokedMs: _revoked, lastUsedMs: _used, oldUntilMs: _old, ...before } = info;
  const merged: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete merged[name];
    else if (value !== undefined) merged[name] = value;
  }
  return withoutUndefined(parseWith(settingsSchema, merged));
}

function parseWith<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new PlatformError('invalid_request', { message: `key: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}` });
  }
  return parsed.data;
}

function withoutUndefined(settings: z.output<typeof settingsSchema>): Settings {
  if (JSON.stringify(settings.metadata).length > MAX_METADATA_BYTES)
    throw new PlatformError('invalid_request', { message: `key: metadata: has more than ${MAX_METADATA_BYTES} bytes` });
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as unknown as Settings;
}
