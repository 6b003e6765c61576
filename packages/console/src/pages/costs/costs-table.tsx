import { promptTokens } from '@maru/api/records';
import type { Costs } from '@maru/api/wire';
import { Bar } from '../../components/bars.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { SimulatedTag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

type CostRow = Costs['rows'][number];

/** Groups by what they cost, with the tokens that they cost it for. */
export function CostsTable({ costs }: { readonly costs: Costs }) {
  const t = useT();
  const format = useFormat();
  const rows =
    costs.by === 'day'
      ? costs.rows.toSorted((left, right) => right.group.localeCompare(left.group))
      : costs.rows.toSorted((left, right) => right.costNanoUsd - left.costNanoUsd);
  const share = (row: CostRow): number => (costs.totalNanoUsd === 0 ? 0 : row.costNanoUsd / costs.totalNanoUsd);
  const cached = ({ usage }: CostRow): number | null => (usage === null || promptTokens(usage) === 0 ? null : usage.cacheReadTokens / promptTokens(usage));
  const knowsCache = rows.some((row) => row.usage !== null);
  return (
    <DataTable
      label={t('costs.title')}
      rows={rows}
      rowKey={(row) => row.group}
      columns={[
        {
          id: 'group',
          header: t(`costs.by.${costs.by}`),
          cell: (row) => (
            <span className="figure inline-flex items-center gap-2 align-middle">
              <span className="inline-block max-w-[320px] truncate font-medium">{row.label === '' ? t('costs.noName') : row.label}</span>
              {row.simulated ? <SimulatedTag /> : null}
            </span>
          ),
        },
        { id: 'requests', header: t('costs.requests'), align: 'right', cell: (row) => format.number(row.requests) },
        {
          id: 'errors',
          header: t('costs.errors'),
          align: 'right',
          cell: (row) => <span className={row.errors === 0 ? 'text-third' : 'text-red'}>{format.number(row.errors)}</span>,
        },
        { id: 'in', header: t('costs.promptTokens'), align: 'right', cell: (row) => format.number(row.promptTokens) },
        ...(knowsCache ? [{ id: 'cached', header: t('costs.fromCache'), align: 'right', cell: (row: CostRow) => format.percent(cached(row)) } as const] : []),
        { id: 'out', header: t('costs.outputTokens'), align: 'right', cell: (row) => format.number(row.completionTokens) },
        {
          id: 'perRequest',
          header: t('costs.perRequest'),
          align: 'right',
          cell: (row) => (row.requests - row.unpriced <= 0 ? '–' : format.nano(row.costNanoUsd / (row.requests - row.unpriced))),
        },
        {
          id: 'share',
          header: t('costs.share'),
          className: 'pl-5!',
          cell: (row) => (
            <span className="figure inline-flex items-center gap-2 align-middle">
              <Bar share={share(row)} />
              <span className="w-10 text-12 text-second">{format.percent(share(row))}</span>
            </span>
          ),
        },
        {
          id: 'cost',
          header: t('common.cost'),
          align: 'right',
          cell: (row) => (
            <span>
              {row.unpriced === row.requests ? (
                <span className="text-third">{t('common.noPrice')}</span>
              ) : (
                <span className="font-medium">{format.nano(row.costNanoUsd)}</span>
              )}
            </span>
          ),
        },
      ]}
    />
  );
}
