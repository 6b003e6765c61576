import type { BudgetSpec, LimitsSpec } from '@maru/api/resources';
import { type Budget, budgetsOf } from './budget.ts';
import type { Principal } from './principal.ts';

/** A key as people see it; the secret is shown once, when it is made. */
export interface KeyInfo {
  readonly id: string;
  /** Id of the account that it belongs to and that pays. */
  readonly tenant: string;
  /** Name of an account of the level `user` whose budgets and limits hold too. */
  readonly user?: string;
  readonly name: string;
  /** The first characters of the secret. */
  readonly prefix: string;
  readonly admin: boolean;
  /** Names, patterns with `*` and model groups; all where absent. */
  readonly models?: readonly string[];
  readonly limits?: LimitsSpec;
  readonly budgets: readonly BudgetSpec[];
  /** Tags of every request of the key, besides those that the request names. */
  readonly tags?: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly blocked: boolean;
  readonly createdMs: number;
  readonly expiresMs?: number;
  readonly revokedMs?: number;
  readonly lastUsedMs?: number;
  /** Until then the secret before the last rotation works too. */
  readonly oldUntilMs?: number;
}

export const keyBudgetsOf = (info: KeyInfo): readonly Budget[] => budgetsOf('key', info.id, info.budgets);

export function toPrincipal(info: KeyInfo): Principal {
  const budgets = keyBudgetsOf(info);
  return Object.freeze({
    keyId: info.id,
    tenant: info.tenant,
    name: info.name,
    admin: info.admin,
    ...(info.user === undefined ? {} : { user: info.user }),
    ...(info.models === undefined ? {} : { models: info.models }),
    ...(info.limits === undefined ? {} : { limits: info.limits }),
    ...(budgets.length === 0 ? {} : { budgets }),
    ...(info.tags === undefined ? {} : { tags: info.tags }),
    ...(info.expiresMs === undefined ? {} : { expiresMs: info.expiresMs }),
  });
}
