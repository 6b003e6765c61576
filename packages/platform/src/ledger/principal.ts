import type { LimitsSpec } from '@maru/api/resources';
import type { Budget } from './budget.ts';

/** The tenant that exists without a resource. */
export const DEFAULT_TENANT = 'default';

/** Who calls, as the key or the token says. */
export interface Principal {
  readonly keyId: string;
  /** Id of the account that pays. */
  readonly tenant: string;
  /** Name of an account of the level `user` whose budgets and limits hold too. */
  readonly user?: string;
  readonly name: string;
  /** May change the platform; its model list is not checked. */
  readonly admin: boolean;
  /** Public names, patterns with `*` and model groups that may be used; all where absent. */
  readonly models?: readonly string[];
  readonly limits?: LimitsSpec;
  readonly budgets?: readonly Budget[];
  readonly tags?: readonly string[];
  readonly expiresMs?: number;
  /** Whom a token stands for besides; a request can name no other end user then. */
  readonly endUser?: string;
  /** Of the caller's token. */
  readonly claims?: Readonly<Record<string, unknown>>;
}
