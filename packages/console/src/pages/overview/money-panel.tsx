import type { Overview } from '@maru/api/wire';
import { Link } from '@tanstack/react-router';
import { ShareBar } from '../../components/bars.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

/** Who spent it, against what they may spend. */
export function MoneyPanel({ tenants }: { readonly tenants: Overview['tenants'] }) {
  const t = useT();
  const format = useFormat();
  return (
    <Panel
      title={t('overview.money')}
      actions={
        <Link to="/costs" className="text-12 text-accent hover:underline">
          {t('overview.allCosts')}
        </Link>
      }
    >
      {tenants.length === 0 ? (
        <EmptyState icon="costs" title={t('overview.noTenants')} />
      ) : (
        <DataTable
          label={t('overview.money')}
          rows={tenants}
          rowKey={(row) => row.tenant}
          columns={[
            { id: 'tenant', header: t('common.tenant'), cell: (row) => row.tenant },
            { id: 'usd', header: t('common.spend'), align: 'right', cell: (row) => format.usd(row.usd) },
            {
              id: 'budget',
              header: t('common.budget'),
              align: 'right',
              cell: (row) =>
                row.usedShare === null ? <span className="text-third">{t('common.noBudget')}</span> : <ShareBar share={row.usedShare} warnAt={0.8} />,
            },
          ]}
        />
      )}
    </Panel>
  );
}
