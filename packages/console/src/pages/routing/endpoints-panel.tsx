import type { RoutedEndpoint, Routing } from '@maru/api/wire';
import { HitBar, ShareBar } from '../../components/bars.tsx';
import { BreakerTag } from '../../components/breaker-tag.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Select } from '../../components/field.tsx';
import { Panel } from '../../components/panel.tsx';
import { SimulatedTag, StateTag, Tag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

const ALL = '';
const KV_WARN = 0.85;

interface EndpointsPanelProps {
  readonly routing: Routing;
  readonly model: string | undefined;
  readonly onModel: (model: string | undefined) => void;
}

/** Load and cache of every endpoint, what the router has learned of it, and what is not well. */
export function EndpointsPanel({ routing, model, onModel }: EndpointsPanelProps) {
  const t = useT();
  const columns = useRoutingColumns(routing);
  const models = [...new Set(routing.endpoints.map((endpoint) => endpoint.model))].sort();
  const chosen = models.find((name) => name === model) ?? ALL;
  const rows = routing.endpoints.filter((endpoint) => chosen === ALL || endpoint.model === chosen);
  return (
    <Panel
      title={t('routing.endpoints')}
      hint={t('routing.count', { n: rows.length })}
      actions={
        <>
          <span aria-hidden="true" className="hidden items-center gap-4 text-12 text-second wide:flex">
            <span className="flex items-center gap-1.5">
              <span className="size-2 rounded-mark bg-accent" /> {t('common.realised')}
            </span>
            <span className="flex items-center gap-1.5">
              <span className="h-2.5 w-0.5 rounded-mark bg-ink" /> {t('common.expected')}
            </span>
          </span>
          {models.length < 2 ? null : (
            <Select
              label={t('common.model')}
              value={chosen}
              choices={[{ value: ALL, label: t('routing.allModels') }, ...models.map((value) => ({ value, label: value }))]}
              onChange={(next) => onModel(next === ALL ? undefined : next)}
            />
          )}
        </>
      }
    >
      <DataTable label={t('routing.endpoints')} rows={rows} rowKey={(row) => row.endpoint} columns={columns} />
    </Panel>
  );
}

function useRoutingColumns(routing: Routing): readonly Column<RoutedEndpoint>[] {
  const t = useT();
  const format = useFormat();
  const degraded = Map.groupBy(routing.degradations, (degradation) => degradation.endpoint ?? '');
  return [
    {
      id: 'endpoint',
      header: t('endpoints.endpoint'),
      cell: (row) => (
        <span className="inline-flex items-center gap-2 align-middle">
          <span className="font-medium">{row.endpoint}</span>
          {row.simulated ? <SimulatedTag /> : null}
        </span>
      ),
    },
    { id: 'inFlight', header: t('routing.inFlight'), align: 'right', cell: (row) => format.number(Math.max(row.inFlight, row.running ?? 0)) },
    {
      id: 'waiting',
      header: t('endpoints.waiting'),
      align: 'right',
      cell: (row) => <span className={(row.waiting ?? 0) > 0 ? 'font-medium text-amber' : ''}>{format.number(row.waiting)}</span>,
    },
    { id: 'kv', className: 'pl-5!', header: t('endpoints.kv'), cell: (row) => <ShareBar share={row.kvUse} warnAt={KV_WARN} /> },
    { id: 'hit', header: t('endpoints.hit'), cell: (row) => <HitBar expected={row.expectedHit} realised={row.realisedHit} /> },
    {
      id: 'cache',
      header: t('routing.cache'),
      align: 'right',
      cell: ({ cache }) => (
        <span title={t(cache.source === 'events' ? 'routing.fromEvents' : 'routing.fromDecisions')} className={cache.blocks === 0 ? 'text-third' : ''}>
          {t('routing.cacheBlocks', { blocks: format.compact(cache.blocks), tokens: format.number(cache.blockTokens) })}
        </span>
      ),
    },
    {
      id: 'ttft',
      header: t('routing.ttftError'),
      align: 'right',
      cell: ({ learned }) => format.duration(learned?.ttftErrorMs),
    },
    {
      id: 'trust',
      header: t('routing.trust'),
      align: 'right',
      cell: ({ learned }) => (learned === null || learned.joined === 0 ? '–' : format.percent(learned.trust)),
    },
    { id: 'state', header: t('routing.state'), align: 'right', cell: (row) => <Condition row={row} degradations={degraded.get(row.endpoint)?.length ?? 0} /> },
  ];
}

/** What is not well of an endpoint, in words; nothing but a quiet word where all is. */
function Condition({ row, degradations }: { readonly row: RoutedEndpoint; readonly degradations: number }) {
  const t = useT();
  const format = useFormat();
  const stale = row.report?.stale === true;
  const behind = row.cache.source === 'events' && !row.cache.inStep;
  const resting = row.breaker.state !== 'closed' || row.breaker.failures > 0;
  if (row.state === 'ready' && !resting && !stale && !behind && degradations === 0) return <span className="text-12 text-third">{t('routing.well')}</span>;
  return (
    <span className="inline-flex items-center gap-1.5 align-middle">
      {row.state === 'ready' || row.breaker.state === 'open' ? null : <StateTag state={row.state} />}
      <BreakerTag breaker={row.breaker} />
      {stale ? <Tag tone="amber">{t('routing.stale', { age: format.duration(row.report?.ageMs) })}</Tag> : null}
      {behind ? <Tag tone="amber">{t('routing.eventsBehind')}</Tag> : null}
      {degradations === 0 ? null : <Tag tone="amber">{t('routing.degraded', { n: degradations })}</Tag>}
    </span>
  );
}
