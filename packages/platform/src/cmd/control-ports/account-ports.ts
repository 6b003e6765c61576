import type { AccountInfo, AccountSpend } from '@maru/api/wire';
import type { AccountPorts } from '#control';
import type { Account, AccountSpendRow, AccountState, Ledger } from '#ledger';
import { toBudgetState } from './cost-ports.ts';

/** The tree of accounts for the control plane. */
export function accountPorts(ledger: Ledger): AccountPorts {
  const show = async (accounts: readonly Account[]): Promise<readonly AccountInfo[]> => {
    const [states, spend] = await Promise.all([ledger.accountStates(accounts), ledger.accountSpend({ ids: accounts.map((account) => account.id) })]);
    const sums = new Map(spend.map((row) => [row.id, sumsOf(row)]));
    return states.map((state) => toInfo(state, sums.get(state.account.id) ?? NOTHING));
  };
  return {
    async list({ cursor, limit, ...filters }) {
      const page = await ledger.pageAccounts({ filters, cursor, limit });
      return { items: await show(page.accounts), nextCursor: page.nextCursor ?? null };
    },
    async get(level, name) {
      const account = await ledger.getAccount(level, name);
      if (account === undefined) return undefined;
      const [info] = await show([account]);
      const path = (await ledger.accountPath(account)).map((above) => ({ id: above.id, level: above.level, name: above.name }));
      return info === undefined ? undefined : { account: info, path };
    },
    async spend({ level, name }, { by, fromMs, toMs }) {
      const id = level === 'end-user' || level === 'tag' ? `${level}/${name}` : name;
      const rows = (await ledger.accountSpend({ ids: [id], fromMs, toMs, by: [by] })).map((row) => ({ group: groupOf(row, by), ...sumsOf(row) }));
      if (by !== 'day') rows.sort((left, right) => right.costNanoUsd - left.costNanoUsd);
      return { id, by, fromMs, toMs, total: rows.reduce(add, NOTHING), rows };
    },
  };
}

type Sums = AccountInfo['spend'];
const NOTHING: Sums = Object.freeze({ requests: 0, errors: 0, unpriced: 0, promptTokens: 0, completionTokens: 0, costNanoUsd: 0 });

const sumsOf = ({ requests, errors, unpriced, promptTokens, completionTokens, costNanoUsd }: AccountSpendRow): Sums => ({
  requests,
  errors,
  unpriced,
  promptTokens,
  completionTokens,
  costNanoUsd,
});

const add = (left: Sums, right: Sums): Sums => ({
  requests: left.requests + right.requests,
  errors: left.errors + right.errors,
  unpriced: left.unpriced + right.unpriced,
  promptTokens: left.promptTokens + right.promptTokens,
  completionTokens: left.completionTokens + right.completionTokens,
  costNanoUsd: left.costNanoUsd + right.costNanoUsd,
});

function groupOf(row: AccountSpendRow, by: AccountSpend['by']): string {
  return by === 'day' ? new Date(row.dayMs ?? 0).toISOString().slice(0, 10) : (row[by] ?? '');
}

const toInfo = ({ account, budgets, limits }: AccountState, spend: Sums): AccountInfo => ({
  id: account.id,
  level: account.level,
  name: account.name,
  parent: account.spec.parent ?? null,
  description: account.spec.description ?? null,
  source: account.source,
  blocked: account.spec.blocked,
  expiresMs: account.spec.expires === undefined ? null : Date.parse(account.spec.expires),
  models: account.spec.models === undefined ? null : [...account.spec.models],
  budgets: budgets.map(toBudgetState),
  limits: limits.map((limit) => ({ ...limit, model: limit.model ?? null })),
  spend,
  createdMs: account.createdMs ?? null,
  updatedMs: account.updatedMs ?? null,
});
