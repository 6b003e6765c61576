import type { RouteDecision } from '@maru/api/records';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { usePollMs } from '../../api/live.ts';
import { latestDecisionsQuery } from '../../api/routing.ts';
import { HitBar } from '../../components/bars.tsx';
import { type Column, DataTable, FILLS_THE_REST } from '../../components/data-table.tsx';
import { Icon } from '../../components/icon.tsx';
import { Moment } from '../../components/moment.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView, SkeletonRows } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

interface DecisionsPanelProps {
  readonly chosen: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
}

/** The last requests with where they went and why; each opens to what would have happened elsewhere. */
export function DecisionsPanel({ chosen, onChoose }: DecisionsPanelProps) {
  const t = useT();
  const pollMs = usePollMs(3000);
  const query = useQuery({ ...latestDecisionsQuery, refetchInterval: pollMs });
  const columns = useDecisionColumns(onChoose);
  return (
    <Panel title={t('routing.decisions')}>
      <QueryView query={query} skeleton={<SkeletonRows rows={5} />}>
        {(decisions) =>
          decisions.length === 0 ? (
            <EmptyState
              icon="routing"
              title={t('routing.noDecisions')}
              action={
                <Link to="/playground" className="control">
                  <Icon name="playground" size={14} />
                  {t('nav.playground')}
                </Link>
              }
            >
              {t('routing.noDecisionsHint')}
            </EmptyState>
          ) : (
            <div className="max-h-[417px] overflow-y-auto">
              <DataTable
                label={t('routing.decisions')}
                rows={decisions}
                rowKey={(row) => row.id}
                columns={columns}
                onOpen={(row) => onChoose(row.id)}
                isChosen={(row) => row.id === chosen}
              />
            </div>
          )
        }
      </QueryView>
    </Panel>
  );
}

function useDecisionColumns(onChoose: DecisionsPanelProps['onChoose']): readonly Column<RouteDecision>[] {
  const t = useT();
  const format = useFormat();
  const share = (tokens: number | null, of: number): number | null => (tokens === null || of === 0 ? null : Math.min(1, tokens / of));
  return [
    {
      id: 'when',
      header: t('routing.when'),
      className: 'w-0',
      cell: (row) => (
        <button type="button" className="text-second hover:underline" onClick={() => onChoose(row.id)}>
          <Moment atMs={row.atMs} ago />
        </button>
      ),
    },
    { id: 'route', header: t('routing.request'), className: 'text-second', cell: (row) => row.route },
    { id: 'chosen', header: t('routing.went'), cell: (row) => <span className="font-medium">{row.chosen}</span> },
    { id: 'why', header: t('routing.why'), className: FILLS_THE_REST, cell: (row) => <span title={row.reason}>{row.reason}</span> },
    {
      id: 'hit',
      header: t('routing.hit'),
      cell: (row) => <HitBar expected={share(row.expectedCachedTokens, row.promptTokens)} realised={share(row.realisedCachedTokens, row.promptTokens)} />,
    },
    {
      id: 'ttft',
      header: t('routing.ttft'),
      align: 'right',
      cell: (row) => (
        <span>
          <span className="text-third">{format.duration(row.candidates.find(({ endpoint }) => endpoint === row.chosen)?.predictedTtftMs)} → </span>
          {row.realisedTtftMs === null && row.outcome === 'ok'
            ? t('routing.wholeIn', { time: format.duration(row.realisedMs) })
            : format.duration(row.realisedTtftMs)}
        </span>
      ),
    },
  ];
}
