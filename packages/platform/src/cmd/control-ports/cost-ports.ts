import { completionTokens, promptTokens } from '@maru/api/records';
import { TENANT_LEVELS } from '@maru/api/resources';
import type { BudgetState, Costs } from '@maru/api/wire';
import type { CostPorts } from '#control';
import type { Ledger, BudgetState as LedgerBudgetState, SpendRow } from '#ledger';
import type { Registry } from '#resources';
import type { CacheSavings } from '../cache-savings.ts';
import { isSimulated } from '../catalogue.ts';
import { readSavings } from './savings.ts';

/** Money for the control plane. */
export function costPorts({ ledger, registry, cacheSavings }: CostRooms & { readonly cacheSavings: CacheSavings }): CostPorts {
  return {
    costs: (query) => costs({ ledger, registry }, query),
    savings: (range) => readSavings({ ledger, registry, cacheSavings }, range),
    async charges({ cursor, limit, ...filters }) {
      const page = await ledger.charges({ filters, cursor, limit });
      return { items: page.charges, nextCursor: page.nextCursor ?? null };
    },
    async budgets() {
      return (await ledger.budgetStates()).map(toBudgetState);
    },
  };
}

export const toBudgetState = (state: LedgerBudgetState): BudgetState => ({
  owner: state.owner,
  ownerKind: state.scope,
  window: state.window,
  models: state.models === undefined ? null : [...state.models],
  mode: state.mode,
  limitNanoUsd: state.limitNanoUsd,
  spentNanoUsd: state.spentNanoUsd,
  reservedNanoUsd: state.leasedNanoUsd,
  resetsMs: state.resetMs,
  warnAtPercent: state.warnAtPercent,
});

type CostQuery = Parameters<CostPorts['costs']>[0];
type CostRow = Costs['rows'][number];
interface CostRooms {
  readonly ledger: Ledger;
  readonly registry: Registry;
}

async function costs(rooms: CostRooms, query: CostQuery): Promise<Costs> {
  const { by, fromMs, toMs } = query;
  const { ledger } = rooms;
  const level = TENANT_LEVELS.find((group) => group === by);
  const [total] = await ledger.spend({ by: 'total', fromMs, toMs });
  return {
    by,
    fromMs,
    toMs,
    totalNanoUsd: total?.costNanoUsd ?? 0,
    unpriced: total?.unpriced ?? 0,
    rows: [...(level === undefined ? await plainRows(rooms, query) : await accountRows(ledger, { level, fromMs, toMs }))],
  };
}

async function plainRows({ ledger, registry }: CostRooms, { by, split, fromMs, toMs }: CostQuery): Promise<readonly CostRow[]> {
  const simulated = new Set(
    registry
      .list('Model')
      .filter(isSimulated)
      .map((model) => model.metadata.name),
  );
  if (by === 'day' && split === 'model') {
    const models = await ledger.spend({ by: 'model', fromMs, toMs });
    const days = models.map(async ({ group: model }) =>
      (await ledger.spend({ by: 'day', model, fromMs, toMs })).map((row) => ({ ...toRow(row), label: model, simulated: simulated.has(model) })),
    );
    return (await Promise.all(days)).flat();
  }
  const labels = by === 'key' ? new Map((await ledger.listKeys()).map((key) => [key.id, key.name])) : new Map<string, string>();
  const group = SPEND_GROUPS_OF_LEDGER.find((name) => name === by) ?? 'tenant';
  return (await ledger.spend({ by: group, fromMs, toMs })).map((row) => ({
    ...toRow(row),
    label: labels.get(row.group) ?? row.group,
    simulated: (by === 'model' && simulated.has(row.group)) || (by === 'provider' && row.group === 'twin'),
  }));
}

const SPEND_GROUPS_OF_LEDGER = ['tenant', 'key', 'model', 'provider', 'day', 'agent'] as const;

const toRow = ({ group, requests, errors, usage, costNanoUsd, unpriced }: SpendRow): Omit<CostRow, 'label' | 'simulated'> => ({
  group,
  requests,
  errors,
  promptTokens: promptTokens(usage),
  completionTokens: completionTokens(usage),
  usage,
  costNanoUsd,
  unpriced,
});

/** Accounts of one level with everything below them; one that is gone keeps its charges, and is of no level any more. */
async function accountRows(
  ledger: Ledger,
  { level, fromMs, toMs }: { readonly level: (typeof TENANT_LEVELS)[number]; readonly fromMs: number; readonly toMs: number },
): Promise<readonly CostRow[]> {
  const prefix = level === 'end-user' || level === 'tag' ? `${level}/` : undefined;
  const names = prefix === undefined ? (await ledger.listAccounts({ level })).map((account) => account.id) : undefined;
  const rows = await ledger.accountSpend({ ...(prefix === undefined ? { ids: names } : { prefix }), fromMs, toMs });
  return rows
    .map(({ id, requests, errors, promptTokens: prompt, completionTokens: completion, costNanoUsd, unpriced }) => ({
      group: id,
      label: prefix === undefined ? id : id.slice(prefix.length),
      requests,
      errors,
      promptTokens: prompt,
      completionTokens: completion,
      usage: null,
      costNanoUsd,
      unpriced,
      simulated: false,
    }))
    .sort((left, right) => right.costNanoUsd - left.costNanoUsd);
}
