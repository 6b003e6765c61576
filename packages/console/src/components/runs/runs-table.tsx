import { useQuery } from '@tanstack/react-query';
import { usePollMs } from '../../api/live.ts';
import { runsQuery } from '../../api/queries.ts';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { readable } from '../code-block.tsx';
import { DataTable } from '../data-table.tsx';
import { Moment } from '../moment.tsx';
import { Panel } from '../panel.tsx';
import { EmptyState, QueryView } from '../states.tsx';
import { StateTag } from '../tag.tsx';

interface RunsTableProps {
  readonly title: string;
  readonly filter: { readonly kind: 'agent' | 'ingestion' | 'evaluation' | 'pipeline'; readonly resource?: string };
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
  readonly empty: string;
}

/** Durable runs, newest first. */
export function RunsTable({ title, filter, chosen, onChoose, empty }: RunsTableProps) {
  const t = useT();
  const format = useFormat();
  const pollMs = usePollMs(2500);
  const query = useQuery({ ...runsQuery(filter), refetchInterval: pollMs });
  const nowMs = query.dataUpdatedAt;
  return (
    <Panel title={title} hint={query.data?.length}>
      <QueryView query={query}>
        {(runs) =>
          runs.length === 0 ? (
            <EmptyState icon="playground" title={t('runs.none')}>
              {empty}
            </EmptyState>
          ) : (
            <DataTable
              label={title}
              rows={runs}
              rowKey={(row) => row.id}
              isChosen={(row) => row.id === chosen}
              onOpen={(row) => onChoose(row.id)}
              columns={[
                {
                  id: 'input',
                  header: filter.kind === 'agent' ? t('runs.input') : t('runs.resource'),
                  cell: (row) => (
                    <button type="button" className="block max-w-[460px] truncate text-left hover:underline" onClick={() => onChoose(row.id)}>
                      {filter.kind === 'agent' ? inputText(row.input) : row.resource}
                    </button>
                  ),
                },
                { id: 'state', header: t('runs.state'), cell: (row) => <StateTag state={row.state} /> },
                { id: 'tenant', header: t('common.tenant'), className: 'text-second', cell: (row) => row.tenant },
                {
                  id: 'duration',
                  header: t('traces.duration'),
                  align: 'right',
                  cell: (row) => (row.startedMs === null ? '–' : format.duration((row.endedMs ?? nowMs) - row.startedMs)),
                },
                { id: 'created', header: t('traces.time'), align: 'right', cell: (row) => <Moment atMs={row.createdMs} ago /> },
              ]}
            />
          )
        }
      </QueryView>
    </Panel>
  );
}

/** The question of a run, whichever form its input has. */
function inputText(input: unknown): string {
  if (typeof input === 'object' && input !== null && 'input' in input) return inputText(input.input);
  return readable(input).slice(0, 200);
}
