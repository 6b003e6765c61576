import type { ServedModel } from '@maru/api/wire';
import { HitBar, ShareBar } from '../../components/bars.tsx';
import { type Column, DataTable, FILLS_THE_REST } from '../../components/data-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { SimulatedTag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { modelLoad } from './model-load.ts';

interface ModelTableProps {
  readonly title: string;
  readonly models: readonly ServedModel[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
}

/** Models with their load, or routes with their targets. */
export function ModelTable({ title, models, chosen, onChoose }: ModelTableProps) {
  const t = useT();
  const format = useFormat();
  const routes = models[0]?.kind === 'route';
  const name: Column<ServedModel> = {
    id: 'id',
    header: t('models.name'),
    cell: (row) => (
      <span className="inline-flex items-center gap-2 align-middle">
        <button type="button" className="font-medium hover:underline" onClick={() => onChoose(row.id)}>
          {row.id}
        </button>
        {row.simulated ? <SimulatedTag /> : null}
      </span>
    ),
  };
  const ready: Column<ServedModel> = {
    id: 'ready',
    header: t('models.replicas'),
    align: 'right',
    cell: (row) => {
      const load = modelLoad(row.endpoints);
      return (
        <span className={load.ready < row.endpoints.length ? 'font-medium text-amber' : ''}>
          {row.endpoints.length === 0 ? '–' : `${load.ready} / ${row.endpoints.length}`}
        </span>
      );
    },
  };
  const columns: readonly Column<ServedModel>[] = routes
    ? [
        name,
        { id: 'targets', header: t('models.targets'), className: 'text-second', cell: (row) => row.targets.join(' → ') },
        {
          id: 'description',
          header: t('models.description'),
          className: FILLS_THE_REST,
          cell: (row) => row.description ?? '–',
        },
      ]
    : [
        name,
        { id: 'engine', header: t('endpoints.engine'), className: 'text-second', cell: (row) => row.providerTitle ?? row.provider ?? '–' },
        ready,
        { id: 'running', header: t('endpoints.running'), align: 'right', cell: (row) => format.number(modelLoad(row.endpoints).running) },
        {
          id: 'waiting',
          header: t('endpoints.waiting'),
          align: 'right',
          cell: (row) => {
            const { waiting } = modelLoad(row.endpoints);
            return <span className={(waiting ?? 0) > 0 ? 'font-medium text-amber' : ''}>{format.number(waiting)}</span>;
          },
        },
        {
          id: 'kv',
          // The panel of a chosen model shows the same, and leaves less room.
          className: chosen === undefined ? 'pl-5!' : 'hidden pl-5! huge:table-cell',
          header: t('endpoints.kv'),
          cell: (row) => <ShareBar share={modelLoad(row.endpoints).kvUse} />,
        },
        {
          id: 'hit',
          header: t('endpoints.hit'),
          cell: (row) => {
            const load = modelLoad(row.endpoints);
            return <HitBar expected={load.expectedHit} realised={load.realisedHit} />;
          },
        },
        ...(chosen === undefined
          ? [
              { id: 'context', header: t('models.context'), align: 'right', cell: (row: ServedModel) => format.compact(row.contextWindow) } as const,
              { id: 'in', header: t('models.priceIn'), align: 'right', cell: (row: ServedModel) => format.usd(row.price?.usd.inputTokens) } as const,
              { id: 'out', header: t('models.priceOut'), align: 'right', cell: (row: ServedModel) => format.usd(row.price?.usd.outputTokens) } as const,
            ]
          : []),
      ];
  return (
    <Panel title={title} hint={models.length}>
      <DataTable
        label={title}
        rows={models}
        rowKey={(row) => row.id}
        columns={columns}
        isChosen={(row) => row.id === chosen}
        onOpen={(row) => onChoose(row.id)}
      />
    </Panel>
  );
}
