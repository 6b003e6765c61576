import type { EvaluationRow } from '@maru/api/wire';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/states.tsx';
import { StateTag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { thresholdOf } from '../evaluations/threshold-of.ts';
import { rowFails } from './row-verdict.ts';

interface RowsTableProps {
  readonly rows: readonly EvaluationRow[];
  readonly thresholds: Readonly<Record<string, number>>;
  readonly chosen: string | undefined;
  readonly onChoose: (row: string) => void;
}

/** Questions with their scores. */
export function RowsTable({ rows, thresholds, chosen, onChoose }: RowsTableProps) {
  const t = useT();
  const format = useFormat();
  if (rows.length === 0) {
    return (
      <EmptyState icon="evaluations" title={t('evaluations.noRows')}>
        {t('evaluations.noRowsHint')}
      </EmptyState>
    );
  }
  const evaluators = [...new Set(rows.flatMap((row) => Object.keys(row.scores)))];
  return (
    <DataTable
      label={t('evaluations.rows')}
      rows={rows}
      rowKey={(row) => row.row}
      isChosen={(row) => row.row === chosen}
      onOpen={(row) => onChoose(row.row)}
      columns={[
        {
          id: 'input',
          header: t('evaluations.question'),
          cell: (row) => (
            <button type="button" className="block max-w-[440px] truncate text-left hover:underline" onClick={() => onChoose(row.row)}>
              {row.input}
            </button>
          ),
        },
        {
          id: 'state',
          header: t('evaluations.verdict'),
          cell: (row) => <StateTag state={row.error !== null ? 'error' : rowFails(row, thresholds) ? 'fail' : 'pass'} />,
        },
        ...evaluators.map((name) => ({
          id: name,
          header: name,
          align: 'right' as const,
          cell: (row: EvaluationRow) => {
            const value = row.scores[name]?.value;
            return (
              <span className={typeof value === 'number' && value < (thresholdOf(thresholds, name) ?? 0.5) ? 'font-medium text-red' : ''}>
                {format.decimal(value, 2)}
              </span>
            );
          },
        })),
        { id: 'duration', header: t('traces.duration'), align: 'right', cell: (row) => format.duration(row.durationMs) },
      ]}
    />
  );
}
