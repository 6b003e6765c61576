import type { RoutingDegradation } from '@maru/api/wire';
import { DataTable, FILLS_THE_REST } from '../../components/data-table.tsx';
import { Moment } from '../../components/moment.tsx';
import { Panel } from '../../components/panel.tsx';
import { Tag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

/** In which ways less is known of endpoints than there should be. */
export function DegradationsPanel({ degradations }: { readonly degradations: readonly RoutingDegradation[] }) {
  const t = useT();
  const format = useFormat();
  return (
    <Panel title={t('routing.degradations')} hint={degradations.length}>
      <DataTable
        label={t('routing.degradations')}
        rows={degradations}
        rowKey={(row) => `${row.name} ${row.model} ${row.endpoint}`}
        columns={[
          { id: 'name', header: t('routing.degradation'), cell: (row) => <Tag tone="amber">{row.name}</Tag> },
          { id: 'endpoint', header: t('endpoints.endpoint'), cell: (row) => row.endpoint ?? t('routing.wholeModel', { model: row.model }) },
          { id: 'detail', header: t('routing.detail'), className: FILLS_THE_REST, cell: (row) => <span title={row.detail}>{row.detail}</span> },
          { id: 'times', header: t('routing.times'), align: 'right', cell: (row) => format.number(row.count) },
          { id: 'since', header: t('routing.since'), align: 'right', cell: (row) => <Moment atMs={row.sinceMs} ago /> },
        ]}
      />
    </Panel>
  );
}
