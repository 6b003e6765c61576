import type { Costs } from '@maru/api/wire';
import { SPEND_GROUPS } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { usePollMs } from '../../api/live.ts';
import { costsQuery } from '../../api/queries.ts';
import { Button } from '../../components/button.tsx';
import { Select } from '../../components/field.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { useRange } from '../../shell/use-range.ts';
import { BudgetsPanel } from './budgets-panel.tsx';
import { CostsTable } from './costs-table.tsx';
import { costsCsv, downloadText } from './csv.ts';
import { DailySpend } from './daily-spend.tsx';
import { SavingsPanel } from './savings-panel.tsx';

/** Where the money goes, by everything that can pay or be paid, against the budgets; and what was saved. */
export function CostsPage() {
  const t = useT();
  const range = useRange();
  const by = useSearch({ from: '/costs' }).by ?? 'tenant';
  const navigate = useNavigate({ from: '/costs' });
  const pollMs = usePollMs(5000);
  const query = useQuery({ ...costsQuery(by, range), refetchInterval: pollMs, placeholderData: (previous) => previous });
  return (
    <Page>
      <PageHead title={t('nav.costs')} range />
      <BudgetsPanel />
      <SavingsPanel range={range} />
      <DailySpend range={range} />
      <Panel
        title={t('costs.title')}
        hint={query.data === undefined ? undefined : <Total costs={query.data} />}
        actions={
          <>
            <Select
              label={t('costs.groupBy')}
              value={by}
              choices={SPEND_GROUPS.map((value) => ({ value, label: t(`costs.by.${value}`) }))}
              onChange={(next) => void navigate({ search: (previous) => ({ ...previous, by: next }), replace: true })}
            />
            <Button
              icon="download"
              disabled={query.data === undefined || query.data.rows.length === 0}
              onClick={() => query.data && downloadText(`maru-costs-by-${query.data.by}.csv`, costsCsv(query.data))}
            >
              {t('costs.csv')}
            </Button>
          </>
        }
      >
        <QueryView query={query}>
          {(costs) =>
            costs.rows.length === 0 ? (
              <EmptyState icon="costs" title={t('costs.none')}>
                {t('costs.noneHint')}
              </EmptyState>
            ) : (
              <CostsTable costs={costs} />
            )
          }
        </QueryView>
      </Panel>
    </Page>
  );
}

function Total({ costs }: { readonly costs: Costs }) {
  const t = useT();
  const format = useFormat();
  return (
    <span>
      <span className="font-medium text-ink">{format.nanoMoney(costs.totalNanoUsd)}</span>
      {costs.unpriced === 0 ? '' : ` · ${t('costs.unpriced', { n: format.number(costs.unpriced) })}`}
    </span>
  );
}
