import type { SimulationMeasure, SimulationRow } from '@maru/api/wire';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Tag } from '../../components/tag.tsx';
import { type Format, useFormat } from '../../format/use-format.ts';
import { type MessageKey, useT } from '../../i18n/index.ts';
import { isBest, isNewLoad } from './report-lines.ts';

interface Measured {
  readonly measure: SimulationMeasure;
  readonly title: MessageKey;
  readonly format: (value: number, format: Format) => string;
}

const percent: Measured['format'] = (value, format) => format.percentExact(value);
const duration: Measured['format'] = (value, format) => format.duration(value);

export const MEASURED: readonly Measured[] = [
  { measure: 'withinSlo', title: 'sim.goodput', format: percent },
  { measure: 'ttftMeanMs', title: 'sim.ttftMean', format: duration },
  { measure: 'ttftP95Ms', title: 'sim.ttftP95', format: duration },
  { measure: 'itlMeanMs', title: 'sim.itlMean', format: duration },
  { measure: 'hitRate', title: 'sim.hit', format: percent },
  { measure: 'imbalance', title: 'sim.imbalance', format: (value, format) => format.decimal(value, 2) },
  { measure: 'refusedShare', title: 'sim.refused', format: percent },
  { measure: 'outputTokensPerS', title: 'sim.tokensPerS', format: (value, format) => format.number(value) },
  { measure: 'usdPerMillionTokens', title: 'sim.usdPerMillion', format: (value, format) => format.usd(value) },
];

/** Every figure of every policy at every load; refusals and the load always stand beside the times. */
export function FiguresTable({ rows }: { readonly rows: readonly SimulationRow[] }) {
  const t = useT();
  const format = useFormat();
  const columns: readonly Column<SimulationRow>[] = [
    {
      id: 'load',
      header: t('sim.load'),
      className: 'w-0 text-second',
      align: 'right',
      cell: (row) => (isNewLoad(row, rows) ? format.decimal(row.values.offeredPerS?.mean, 2) : null),
    },
    {
      id: 'policy',
      header: t('sim.policy'),
      cell: (row) => (
        <span className="inline-flex items-center gap-2 align-middle">
          <span className="font-medium">{row.policy}</span>
          {row.collapsed ? (
            <span title={t('sim.collapsedHint')}>
              <Tag tone="amber">{t('sim.collapsed')}</Tag>
            </span>
          ) : null}
        </span>
      ),
    },
    ...MEASURED.map(
      ({ measure, title, format: show }): Column<SimulationRow> => ({
        id: measure,
        header: t(title),
        align: 'right',
        cell: (row) => {
          const value = row.values[measure];
          if (value === undefined) return <span className="text-third">–</span>;
          return (
            <span className={row.collapsed ? 'text-third' : isBest(row, rows, measure) ? 'font-bold' : ''}>
              {show(value.mean, format)}
              {value.plusMinus === null || value.plusMinus === 0 ? null : (
                <span className="text-11 font-normal text-third"> ±{show(value.plusMinus, format)}</span>
              )}
            </span>
          );
        },
      }),
    ),
  ];
  return <DataTable label={t('sim.figures')} rows={rows} rowKey={(row) => `${row.policy} ${row.speed}`} columns={columns} />;
}
