import { PlatformError } from '@maru/api/errors';
import type { LimitsSpec } from '@maru/api/resources';
import type { Account } from './account.ts';
import { accountBudgets, accountQuotaId, accountTitle, limitGroups } from './account-quotas.ts';
import { type Budget, budgetsOf } from './budget.ts';
import { memberOf } from './members.ts';
import { createModelList, type ModelGroups, type ModelList } from './model-list.ts';
import type { Principal } from './principal.ts';
import { budgetQuota, type Quota } from './quota.ts';

/** Everything that holds for the requests of one key, end user and set of tags. */
export interface Scope {
  /** Ids under which spend is summed: `key/ID`, tenants and users by name, `member/...`, `end-user/...`, `tag/...`. */
  readonly accountIds: readonly string[];
  /** Throws `key_blocked`, `key_revoked` for what has expired, or `model_not_allowed`. */
  check(model: string, nowMs: number): void;
  /** Whether a public name may be used, by the key and everything above it. */
  allows(model: string): boolean;
  /** What a request for a model takes from, the key's own first. */
  quotas(model: string): readonly Quota[];
  /** Budgets whose spend is counted, soft ones too. */
  budgets(model: string): readonly Budget[];
}

interface Rule {
  readonly who: string;
  readonly allows: ModelList;
}

interface Limited {
  readonly id: string;
  readonly name: string;
  readonly limits: LimitsSpec;
}

interface ScopeParts {
  readonly principal: Principal;
  /** From the user and the tenant of the key up to the roots, each once; then the end user and the tags. */
  readonly accounts: readonly Account[];
  readonly endUser: string | undefined;
  readonly tags: readonly string[] | undefined;
  /** Groups that hold everywhere; those of the accounts come on top, the nearest wins. */
  readonly groups: ModelGroups;
}

const MAX_MODELS = 1000;

export function createScope(parts: ScopeParts): Scope {
  const { principal, accounts, endUser } = parts;
  const groups = mergeGroups(parts.groups, accounts);
  const rules: Rule[] = [];
  const budgets: Budget[] = [...(principal.budgets ?? [])];
  const limits: Limited[] = [];
  const add = (id: string, name: string, spec: { models?: readonly string[] | undefined; limits?: LimitsSpec | undefined }): void => {
    if (spec.models !== undefined) rules.push({ who: name, allows: createModelList(spec.models, groups) });
    if (spec.limits !== undefined) limits.push({ id, name, limits: spec.limits });
  };
  add(`key/${principal.keyId}`, `key "${principal.name}" (${principal.keyId})`, principal);
  for (const account of accounts) {
    add(accountQuotaId(account), accountTitle(account), account.spec);
    budgets.push(...accountBudgets(account));
    const member = memberOf(account, principal.user);
    if (member === undefined) continue;
    add(member.id, member.title, member.rule);
    budgets.push(...member.budgets);
  }
  if (endUser !== undefined && !accounts.some((account) => account.level === 'end-user')) {
    const above = accounts.find((account) => account.spec.endUsers !== undefined);
    const template = above?.spec.endUsers;
    if (above !== undefined && template !== undefined) {
      const owner = `${endUser}@${above.id}`;
      add(`end-user/${owner}`, `end user "${endUser}"`, template);
      budgets.push(...budgetsOf('end-user', owner, template.budgets));
    }
  }

  const rates = limits.flatMap((limited) =>
    limitGroups(limited, limited.limits).map(({ model, quotas }) => ({
      appliesTo: model === undefined ? undefined : createModelList([model], groups),
      quotas,
    })),
  );
  const money = budgets.map((budget) => ({ budget, appliesTo: budget.models === undefined ? undefined : createModelList(budget.models, groups) }));
  const allQuotas = new Map<string, readonly Quota[]>();
  const allBudgets = new Map<string, readonly Budget[]>();

  const budgetsFor = remember(allBudgets, (model) => money.filter(({ appliesTo }) => appliesTo?.(model) ?? true).map(({ budget }) => budget));
  return {
    accountIds: accountIdsOf(parts),
    check(model, nowMs) {
      for (const account of accounts) {
        const { blocked, expires } = account.spec;
        if (blocked) throw new PlatformError('key_blocked', { message: `the ${accountTitle(account)} of the key is blocked: ask its administrator` });
        if (expires !== undefined && Date.parse(expires) <= nowMs)
          throw new PlatformError('key_revoked', { message: `the ${accountTitle(account)} of the key has expired on ${expires}` });
      }
      if (principal.admin) return;
      const against = rules.find((rule) => !rule.allows(model));
      if (against !== undefined) throw new PlatformError('model_not_allowed', { message: `the ${against.who} does not allow the model "${model}"` });
    },
    allows: (model) => principal.admin || rules.every((rule) => rule.allows(model)),
    quotas: remember(allQuotas, (model) => [
      ...rates.flatMap(({ appliesTo, quotas }) => ((appliesTo?.(model) ?? true) ? quotas : [])),
      ...budgetsFor(model)
        .filter((budget) => budget.mode === 'hard')
        .map(budgetQuota),
    ]),
    budgets: budgetsFor,
  };
}

/** Names of models come from the catalogue and from patterns in it: what is remembered has a bound. */
function remember<T>(known: Map<string, T>, make: (model: string) => T): (model: string) => T {
  return (model) => {
    let made = known.get(model);
    if (made === undefined) {
      if (known.size >= MAX_MODELS) known.clear();
      made = make(model);
      known.set(model, made);
    }
    return made;
  };
}

function mergeGroups(all: ModelGroups, accounts: readonly Account[]): ModelGroups {
  if (accounts.every((account) => account.spec.modelGroups === undefined)) return all;
  const merged = new Map(all);
  for (const account of accounts.toReversed()) for (const [name, models] of Object.entries(account.spec.modelGroups ?? {})) merged.set(name, models);
  return merged;
}

function accountIdsOf({ principal, accounts, endUser, tags }: ScopeParts): readonly string[] {
  const members = accounts.flatMap((account) => memberOf(account, principal.user)?.id ?? []);
  const ids = new Set([`key/${principal.keyId}`, principal.tenant, ...accounts.map((account) => account.id), ...members]);
  if (principal.user !== undefined) ids.add(principal.user);
  if (endUser !== undefined) ids.add(`end-user/${endUser}`);
  for (const tag of [...(principal.tags ?? []), ...(tags ?? [])]) ids.add(`tag/${tag}`);
  return [...ids];
}
