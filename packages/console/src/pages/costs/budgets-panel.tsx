import { NANO_PER_USD } from '@maru/api/records';
import type { BudgetState } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { usePollMs } from '../../api/live.ts';
import { budgetsQuery, keysQuery } from '../../api/queries.ts';
import { ShareBar } from '../../components/bars.tsx';
import { Button } from '../../components/button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Moment } from '../../components/moment.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView, SkeletonRows } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { sayWindow } from '../budget-window.ts';
import { budgetBurn } from './budget-burn.ts';

/** Budgets with what is spent and what running requests hold. */
export function BudgetsPanel() {
  const t = useT();
  const pollMs = usePollMs(5000);
  const query = useQuery({ ...budgetsQuery, refetchInterval: pollMs });
  return (
    <Panel
      title={t('costs.budgets')}
      actions={
        <Link to="/resources" search={{ kind: 'Tenant' }} className="text-12 text-accent hover:underline">
          {t('costs.setBudget')}
        </Link>
      }
    >
      <QueryView query={query} skeleton={<SkeletonRows rows={2} />}>
        {(budgets) =>
          budgets.length === 0 ? (
            <EmptyState icon="costs" title={t('costs.noBudgets')}>
              {t('costs.noBudgetsHint')}
            </EmptyState>
          ) : (
            <BudgetTable budgets={budgets} />
          )
        }
      </QueryView>
    </Panel>
  );
}

const MOST_ROWS = 6;
const shareOf = (row: BudgetState): number => (row.limitNanoUsd === 0 ? 1 : row.spentNanoUsd / row.limitNanoUsd);

/** The fullest first; the rest on demand. */
function BudgetTable({ budgets }: { readonly budgets: readonly BudgetState[] }) {
  const t = useT();
  const [all, setAll] = useState(false);
  const sorted = budgets.toSorted((left, right) => shareOf(right) - shareOf(left));
  return (
    <>
      <BudgetRows budgets={all ? sorted : sorted.slice(0, MOST_ROWS)} />
      {budgets.length > MOST_ROWS ? (
        <div className="border-t border-faint px-2 py-1">
          <Button look="ghost" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? t('costs.fewerBudgets') : t('costs.allBudgets', { n: budgets.length })}
          </Button>
        </div>
      ) : null}
    </>
  );
}

function BudgetRows({ budgets }: { readonly budgets: readonly BudgetState[] }) {
  const t = useT();
  const format = useFormat();
  const keys = useQuery({ ...keysQuery, staleTime: 30_000 }).data ?? [];
  const nameOf = (row: BudgetState): string => (row.ownerKind === 'key' ? (keys.find((key) => key.id === row.owner)?.name ?? row.owner) : row.owner);
  return (
    <DataTable
      label={t('costs.budgets')}
      rows={budgets}
      rowKey={(row) => `${row.ownerKind} ${row.owner} ${row.window} ${row.mode} ${row.limitNanoUsd} ${row.models?.join() ?? ''}`}
      columns={[
        {
          id: 'owner',
          header: t('costs.owner'),
          cell: (row) => (
            <span>
              <span className="font-medium">{nameOf(row)}</span> <span className="text-12 text-third">{t(`costs.ownerKind.${row.ownerKind}`)}</span>
              {row.models === null ? null : <span className="text-12 text-second"> · {row.models.join(', ')}</span>}
            </span>
          ),
        },
        { id: 'window', header: t('costs.window'), className: 'text-second', cell: (row) => sayWindow(t, 'costs.window', row.window) },
        { id: 'mode', header: t('costs.mode'), className: 'text-second', cell: (row) => t(`costs.mode.${row.mode}`) },
        { id: 'spent', header: t('common.spend'), align: 'right', cell: (row) => format.nano(row.spentNanoUsd) },
        { id: 'reserved', header: t('costs.reserved'), align: 'right', cell: (row) => format.nano(row.reservedNanoUsd) },
        { id: 'limit', header: t('common.budget'), align: 'right', cell: (row) => format.usd(row.limitNanoUsd / NANO_PER_USD) },
        { id: 'used', className: 'pl-5!', header: t('costs.used'), cell: (row) => <ShareBar share={shareOf(row)} warnAt={row.warnAtPercent / 100} /> },
        { id: 'burn', header: t('costs.lasts'), align: 'right', cell: (row) => <Burn budget={row} /> },
        {
          id: 'resets',
          header: t('costs.resets'),
          align: 'right',
          cell: (row) => (row.resetsMs === null ? row.window === 'total' ? t('costs.never') : t('costs.rolls') : <Moment atMs={row.resetsMs} ago />),
        },
      ]}
    />
  );
}

/** When the money is gone at the pace of this window; said only where that is before it resets. */
function Burn({ budget }: { readonly budget: BudgetState }) {
  const t = useT();
  const format = useFormat();
  const burn = budgetBurn(budget, Date.now());
  if (burn === undefined) return <span className="text-third">–</span>;
  if (burn.outMs === null) return <span className="text-second">{t('costs.lastsUntilReset')}</span>;
  return <span className="text-amber">{burn.outMs <= Date.now() ? t('costs.spentUp') : format.ago(burn.outMs)}</span>;
}
