import { KIND_NAMES } from '@maru/api/resources';
import type { resourceListSchema } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { z } from 'zod';
import { usePollMs } from '../../api/live.ts';
import { resourcesQuery } from '../../api/queries.ts';
import { DataTable, FILLS_THE_REST } from '../../components/data-table.tsx';
import { Select } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StateTag } from '../../components/tag.tsx';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';

type ResourceRow = z.infer<typeof resourceListSchema>['items'][number];
const ALL = '';
const ORDER: readonly string[] = KIND_NAMES;

/** Everything that is declared, by kind. */
export function ResourcesPage() {
  const t = useT();
  const navigate = useNavigate({ from: '/resources' });
  const { kind } = useSearch({ from: '/resources' });
  const pollMs = usePollMs(5000);
  const query = useQuery({ ...resourcesQuery, refetchInterval: pollMs });
  const order = (row: ResourceRow): number => ORDER.indexOf(row.kind);
  const rows = (query.data ?? [])
    .filter((row) => kind === undefined || row.kind === kind)
    .toSorted((left, right) => order(left) - order(right) || left.metadata.name.localeCompare(right.metadata.name));
  const count = (name: string): number => (query.data ?? []).filter((row) => row.kind === name).length;
  return (
    <Page>
      <PageHead title={t('nav.resources')} detail={kind} />
      <div className="flex items-center gap-2">
        <Select
          label={t('resources.kind')}
          value={kind ?? ALL}
          choices={[{ value: ALL, label: t('resources.allKinds') }, ...KIND_NAMES.map((name) => ({ value: name, label: `${name} (${count(name)})` }))]}
          onChange={(next) => void navigate({ search: (previous) => ({ ...previous, kind: next === ALL ? undefined : next }), replace: true })}
        />
        <Link to="/resources/new" search={kind === undefined ? {} : { kind }} className="control control-primary ml-auto">
          <Icon name="plus" size={14} />
          {t('resources.create')}
        </Link>
      </div>
      <Panel label={t('nav.resources')}>
        <QueryView query={query}>
          {() =>
            rows.length === 0 ? (
              <EmptyState icon="resources" title={kind === undefined ? t('resources.none') : t('resources.noneOfKind', { kind })}>
                {t('resources.noneHint')}
              </EmptyState>
            ) : (
              <DataTable
                label={t('nav.resources')}
                rows={rows}
                rowKey={(row) => `${row.kind}/${row.metadata.name}`}
                onOpen={(row) => void navigate({ to: '/resources/$kind/$name', params: { kind: row.kind, name: row.metadata.name } })}
                columns={[
                  { id: 'kind', header: t('resources.kind'), className: 'w-0 text-second', cell: (row) => row.kind },
                  {
                    id: 'name',
                    header: t('resources.name'),
                    cell: (row) => (
                      <Link to="/resources/$kind/$name" params={{ kind: row.kind, name: row.metadata.name }} className="font-medium hover:underline">
                        {row.metadata.name}
                      </Link>
                    ),
                  },
                  {
                    id: 'description',
                    header: t('models.description'),
                    className: FILLS_THE_REST,
                    cell: (row) => (typeof row.spec['description'] === 'string' ? row.spec['description'] : '–'),
                  },
                  {
                    id: 'phase',
                    header: t('resources.phase'),
                    cell: (row) => (row.status?.phase === undefined ? <span className="text-third">–</span> : <StateTag state={row.status.phase} />),
                  },
                  {
                    id: 'message',
                    header: t('resources.message'),
                    className: 'text-second',
                    cell: (row) => <span className="inline-block max-w-[360px] truncate align-bottom">{row.status?.message ?? ''}</span>,
                  },
                ]}
              />
            )
          }
        </QueryView>
      </Panel>
    </Page>
  );
}
