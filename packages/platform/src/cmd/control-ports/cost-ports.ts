import type { BudgetState, Costs } from '@maru/api/wire';
import type { CostPorts } from '#control';
import type { Ledger, BudgetState as LedgerBudgetState, SpendRow } from '#ledger';
import type { Registry } from '#resources';
import { isSimulated } from '../catalogue.ts';

/** Money for the control plane. */
export function costPorts({ ledger, registry }: { ledger: Ledger; registry: Registry }): CostPorts {
  return {
    costs: (query) => costs({ ledger, registry }, query),
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

async function costs({ ledger, registry }: { ledger: Ledger; registry: Registry }, query: Parameters<CostPorts['costs']>[0]): Promise<Costs> {
  const { by, split, fromMs, toMs } = query;
  const simulated = new Set(
    registry
      .list('Model')
      .filter(isSimulated)
      .map((model) => model.metadata.name),
  );
  const labels = by === 'key' ? new Map((await ledger.listKeys()).map((key) => [key.id, key.name])) : new Map<string, string>();
  const plain = (row: SpendRow) => ({ ...pick(row), label: labels.get(row.group) ?? row.group, simulated: by === 'model' && simulated.has(row.group) });
  const whole = await ledger.spend({ by, fromMs, toMs });
  const rows =
    by === 'day' && split === 'model'
      ? (
          await Promise.all(
            (
              await ledger.spend({ by: 'model', fromMs, toMs })
            ).map(async ({ group: model }) =>
              (await ledger.spend({ by: 'day', model, fromMs, toMs })).map((row) => ({ ...pick(row), label: model, simulated: simulated.has(model) })),
            ),
          )
        ).flat()
      : whole.map(plain);
  return {
    by,
    fromMs,
    toMs,
    totalNanoUsd: whole.reduce((sum, row) => sum + row.costNanoUsd, 0),
    unpriced: whole.reduce((sum, row) => sum + row.unpriced, 0),
    rows,
  };
}

const pick = ({ group, requests, usage, costNanoUsd, unpriced }: SpendRow) => ({ group, requests, usage, costNanoUsd, unpriced });
