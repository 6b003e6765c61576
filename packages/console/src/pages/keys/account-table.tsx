import type { AccountInfo, BudgetState, KeyInfo } from '@maru/api/wire';
import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ShareBar } from '../../components/bars.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView, SkeletonRows } from '../../components/states.tsx';
import { Tag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { type AccountRow, accountRows } from './account-rows.ts';
import { LimitUse } from './limit-use.tsx';

/** Columns for which there is no room beside a panel. */
const WIDE_ONLY: ReadonlySet<string> = new Set(['rpm', 'tpm', 'concurrent']);

interface AccountTableProps {
  readonly query: UseQueryResult<readonly AccountInfo[], Error>;
  readonly keys: readonly KeyInfo[];
  readonly chosen: string | undefined;
  /** A side panel is open. */
  readonly narrow: boolean;
  readonly onChoose: (id: string) => void;
}

const shareOf = (budget: BudgetState): number => (budget.limitNanoUsd === 0 ? 1 : budget.spentNanoUsd / budget.limitNanoUsd);
const fullest = (budgets: readonly BudgetState[]): BudgetState | undefined => budgets.toSorted((left, right) => shareOf(right) - shareOf(left))[0];

/** The tree of accounts, each with the fullest of its budgets and its load against its limits. */
export function AccountTable({ query, keys, chosen, narrow, onChoose }: AccountTableProps) {
  const t = useT();
  const format = useFormat();
  return (
    <Panel
      title={t('accounts.title')}
      hint={query.data?.length}
      actions={
        <Link to="/resources/new" search={{ kind: 'Tenant' }} className="control">
          {t('accounts.add')}
        </Link>
      }
    >
      <QueryView query={query} skeleton={<SkeletonRows rows={3} />}>
        {(accounts) =>
          accounts.length === 0 ? (
            <EmptyState icon="key" title={t('accounts.none')}>
              {t('accounts.noneHint')}
            </EmptyState>
          ) : (
            <DataTable
              label={t('accounts.title')}
              rows={accountRows(accounts)}
              rowKey={(row) => row.account.id}
              isChosen={(row) => row.account.id === chosen}
              onOpen={(row) => onChoose(row.account.id)}
              columns={(
                [
                  {
                    id: 'name',
                    header: t('accounts.account'),
                    cell: ({ account, depth }) => (
                      <span className="inline-flex items-center gap-2 align-middle" style={{ paddingLeft: depth * 20 }}>
                        <button type="button" className="max-w-[260px] truncate font-medium hover:underline" onClick={() => onChoose(account.id)}>
                          {account.name}
                        </button>
                        <span className="text-12 text-third">{t(`level.${account.level}`)}</span>
                        {account.blocked ? <Tag tone="red">{t('keys.blocked')}</Tag> : null}
                      </span>
                    ),
                  },
                  { id: 'spend', header: t('common.spend'), align: 'right', cell: ({ account }) => format.nano(account.spend.costNanoUsd) },
                  {
                    id: 'budget',
                    header: t('accounts.fullest'),
                    className: 'pl-5!',
                    cell: ({ account }) => {
                      const budget = fullest(account.budgets);
                      return budget === undefined ? (
                        <span className="text-third">–</span>
                      ) : (
                        <ShareBar share={shareOf(budget)} warnAt={budget.warnAtPercent / 100} />
                      );
                    },
                  },
                  { id: 'rpm', header: t('accounts.rpm'), align: 'right', cell: ({ account }) => <LimitUse limits={account.limits} unit="requests" /> },
                  { id: 'tpm', header: t('accounts.tpm'), align: 'right', cell: ({ account }) => <LimitUse limits={account.limits} unit="tokens" /> },
                  {
                    id: 'concurrent',
                    header: t('accounts.concurrent'),
                    align: 'right',
                    cell: ({ account }) => <LimitUse limits={account.limits} unit="concurrent" />,
                  },
                  {
                    id: 'keys',
                    header: t('keys.title'),
                    align: 'right',
                    cell: ({ account }) =>
                      format.number(keys.filter((key) => key.revokedMs === null && (key.tenant === account.id || key.user === account.id)).length),
                  },
                ] satisfies readonly Column<AccountRow>[]
              ).filter((column) => !narrow || !WIDE_ONLY.has(column.id))}
            />
          )
        }
      </QueryView>
    </Panel>
  );
}
