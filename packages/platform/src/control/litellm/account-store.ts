import { PlatformError } from '@maru/api/errors';
import type { Account } from '#ledger';
import type { AccountKind } from './account-kinds.ts';
import { keptFields, toTime, withKept } from './kept-fields.ts';
import { toMemberRules } from './member-rules.ts';
import { keptOf, type MoneyFields, toBudgets, toLimits, toModels } from './money-fields.ts';
import type { LitellmPorts } from './ports.ts';
import { spendOf } from './spend-of.ts';
import { isInternal, withBudget } from './with-budget.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Accounts of one kind, read and written in LiteLLM's shape. */
export interface AccountDesk {
  /** Throws `not_found`. */
  read(id: string): Promise<Account>;
  list(parent?: string): Promise<readonly Account[]>;
  /** Makes an account, or changes what is named of one that exists. */
  write(id: string, fields: Fields, options?: { readonly blocked?: boolean }): Promise<Account>;
  remove(ids: readonly string[]): Promise<readonly Account[]>;
  show(account: Account): Promise<Record<string, unknown>>;
  showAll(accounts: readonly Account[]): Promise<readonly Record<string, unknown>[]>;
}

export function accountDesk(ports: LitellmPorts, kind: AccountKind): AccountDesk {
  const { ledger } = ports;
  const read = async (id: string): Promise<Account> => {
    const account = await ledger.getAccount(kind.level, id);
    if (account === undefined) throw new PlatformError('not_found', { message: `there is no ${kind.word} "${id.slice(0, 100)}"` });
    return account;
  };
  const shape = (account: Account, spend: number): Record<string, unknown> => ({
    ...kind.empty,
    ...keptFields(account.metadata),
    [kind.id]: account.name,
    ...(kind.parent === undefined ? {} : { [kind.parent]: account.spec.parent ?? null }),
    spend,
    blocked: account.spec.blocked,
    created_at: toTime(account.createdMs),
    updated_at: toTime(account.updatedMs),
  });
  const showAll = async (accounts: readonly Account[]): Promise<readonly Record<string, unknown>[]> => {
    const spent = await spendOf(
      ledger,
      accounts.map((account) => account.id),
    );
    return accounts.map((account) => shape(account, spent(account.id)));
  };

  return {
    read,
    list: async (parent) => (await ledger.listAccounts({ level: kind.level, parent })).filter((account) => !isInternal(account.name)),
    async write(id, fields, { blocked } = {}) {
      const before = await ledger.getAccount(kind.level, id);
      const own = { ...keptFields(before?.metadata ?? {}), ...keptOf(fields, kind.kept) };
      const said = await withBudget(ports, own);
      const money = said as MoneyFields;
      const limits = toLimits(money);
      const models = kind.modelsAreNoRule === true ? undefined : toModels(said['models'] as string[] | null | undefined);
      const members = kind.members === undefined ? undefined : toMemberRules(said, kind.members);
      const parent = kind.parent === undefined ? undefined : said[kind.parent];
      return ledger.putAccount({
        level: kind.level,
        name: id,
        spec: {
          budgets: toBudgets(money),
          blocked: blocked ?? before?.spec.blocked ?? false,
          ...(limits === undefined ? {} : { limits }),
          ...(models === undefined ? {} : { models }),
          ...(members === undefined ? {} : { members }),
          ...(typeof parent === 'string' ? { parent } : {}),
        },
        metadata: withKept(before?.metadata ?? {}, own),
      });
    },
    async remove(ids) {
      const found = await Promise.all(ids.map(read));
      for (const account of found) await ledger.removeAccount(kind.level, account.name);
      return found;
    },
    show: async (account) => (await showAll([account]))[0] ?? {},
    showAll,
  };
}
