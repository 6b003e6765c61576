import type { SimulationRow } from '@maru/api/wire';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { Tag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { MEASURED } from './figures-table.tsx';
import { isNewLoad } from './report-lines.ts';

const SHOWN: ReadonlySet<string> = new Set(['withinSlo', 'ttftMeanMs', 'ttftP95Ms', 'itlMeanMs', 'hitRate', 'usdPerMillionTokens']);

/** Differences to the first policy, seed by seed; a collapsed baseline is named. */
export function DeltaTable({ rows }: { readonly rows: readonly SimulationRow[] }) {
  const t = useT();
  const format = useFormat();
  const baseline = rows[0]?.policy;
  const others = rows.filter(({ policy }) => policy !== baseline);
  if (baseline === undefined || others.length === 0) return null;
  const collapsed = new Set(rows.filter((row) => row.policy === baseline && row.collapsed).map(({ speed }) => speed));
  const signed = (share: number): string => `${share > 0 ? '+' : ''}${format.percentExact(share)}`;
  const columns: readonly Column<SimulationRow>[] = [
    {
      id: 'load',
      header: t('sim.load'),
      className: 'w-0 text-second',
      align: 'right',
      cell: (row) => (isNewLoad(row, others) ? format.decimal(row.values.offeredPerS?.mean, 2) : null),
    },
    {
      id: 'policy',
      header: t('sim.policy'),
      cell: (row) => (
        <span className="inline-flex items-center gap-2 align-middle">
          <span className="font-medium">{row.policy}</span>
          {collapsed.has(row.speed) ? <Tag tone="amber">{t('sim.baselineCollapsed')}</Tag> : null}
        </span>
      ),
    },
    ...MEASURED.filter(({ measure }) => SHOWN.has(measure)).map(
      ({ measure, title }): Column<SimulationRow> => ({
        id: measure,
        header: t(title),
        align: 'right',
        cell: (row) => {
          const delta = row.deltas[measure];
          if (delta === undefined) return <span className="text-third">–</span>;
          return (
            <span className={collapsed.has(row.speed) ? 'text-third' : ''}>
              {signed(delta.mean)}
              {delta.plusMinus === null || delta.plusMinus === 0 ? null : <span className="text-11 text-third"> ±{format.percentExact(delta.plusMinus)}</span>}
            </span>
          );
        },
      }),
    ),
  ];
  return (
    <Panel title={t('sim.against', { policy: baseline })} hint={t('sim.againstHint')}>
      <DataTable label={t('sim.against', { policy: baseline })} rows={others} rowKey={(row) => `${row.policy} ${row.speed}`} columns={columns} />
    </Panel>
  );
}
