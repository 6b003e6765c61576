import type { EndpointState } from '@maru/api/wire';
import { useNavigate } from '@tanstack/react-router';
import { DataTable } from '../../components/data-table.tsx';
import { useEndpointColumns } from '../../components/endpoint-columns.tsx';
import { Panel } from '../../components/panel.tsx';
import { useT } from '../../i18n/index.ts';

/** Load and cache of every endpoint, as it is now. */
export function EndpointsPanel({ endpoints }: { readonly endpoints: readonly EndpointState[] }) {
  const t = useT();
  const navigate = useNavigate();
  const columns = useEndpointColumns();
  const unready = endpoints.filter((endpoint) => endpoint.state !== 'ready').length;
  return (
    <Panel
      title={t('overview.endpoints')}
      hint={unready === 0 ? t('overview.endpointCount', { n: endpoints.length }) : t('overview.endpointsUnready', { n: endpoints.length, unready })}
      actions={
        <span aria-hidden="true" className="flex items-center gap-4 text-12 text-second">
          <span className="flex items-center gap-1.5">
            <span className="size-2 rounded-mark bg-accent" /> {t('common.realised')}
          </span>
          <span className="flex items-center gap-1.5">
            <span className="h-2.5 w-0.5 rounded-mark bg-ink" /> {t('common.expected')}
          </span>
        </span>
      }
    >
      <DataTable
        label={t('overview.endpoints')}
        rows={endpoints}
        rowKey={(row) => row.endpoint}
        columns={columns}
        onOpen={(row) => void navigate({ to: '/models', search: { id: row.model } })}
      />
    </Panel>
  );
}
