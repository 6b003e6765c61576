import type { AccountInfo } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { accountSpendQuery } from '../../api/queries.ts';
import { Bar } from '../../components/bars.tsx';
import { IconButton } from '../../components/button.tsx';
import { FactList } from '../../components/facts.tsx';
import { Tag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { BudgetList } from './budget-list.tsx';
import { usedNow } from './limit-use.tsx';

/** One account: every budget, every limit as it stands now, what it may use, and where its money went this month. */
export function AccountPanel({ account, onClose }: { readonly account: AccountInfo; readonly onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  return (
    <aside aria-label={account.name} className="slide-in shrink-0 border-line bg-panel max-wide:border-t wide:w-[400px] wide:overflow-y-auto wide:border-l">
      <header className="flex items-center gap-2 px-4 pt-3">
        <h2 className="min-w-0 font-bold break-words">{account.name}</h2>
        {account.blocked ? <Tag tone="red">{t('keys.blocked')}</Tag> : null}
        <IconButton icon="close" label={t('common.close')} className="-mr-2 ml-auto" onClick={onClose} />
      </header>
      <p className="px-4 text-12 text-third">{account.description ?? t(`level.${account.level}`)}</p>
      <div className="px-4 py-3">
        {account.source === 'resource' ? (
          <Link to="/resources/$kind/$name" params={{ kind: 'Tenant', name: account.name }} className="control">
            {t('accounts.edit')}
          </Link>
        ) : (
          <p className="text-12 text-second">{t('accounts.fromApi')}</p>
        )}
      </div>
      <FactList
        className="border-t border-line px-4 py-3"
        facts={[
          { label: t('accounts.models'), value: account.models === null ? t('keys.allModels') : account.models.join(', ') },
          { label: t('keys.expires'), value: account.expiresMs === null ? t('costs.never') : format.instant(account.expiresMs) },
          { label: t('costs.requests'), value: format.number(account.spend.requests) },
          { label: t('accounts.spentEver'), value: format.nanoMoney(account.spend.costNanoUsd) },
          ...(account.spend.unpriced === 0
            ? []
            : [{ label: t('costs.unpricedCalls'), value: <span className="text-amber">{format.number(account.spend.unpriced)}</span> }]),
        ]}
      />
      <section className="border-t border-line px-4 py-3">
        <h3 className="mb-1 text-12 font-medium">{t('costs.budgets')}</h3>
        <BudgetList budgets={account.budgets} />
      </section>
      <section className="border-t border-line px-4 py-3">
        <h3 className="mb-1 text-12 font-medium">{t('keys.limits')}</h3>
        {account.limits.length === 0 ? <p className="text-12 text-third">{t('route.none')}</p> : null}
        {account.limits.map((limit) => (
          <p key={`${limit.unit} ${limit.model ?? ''}`} className="figure flex min-h-7 items-center gap-2 text-12">
            <span className="min-w-0 flex-1 truncate text-second">
              {t(`limit.${limit.unit}`)}
              {limit.model === null ? '' : ` · ${limit.model}`}
            </span>
            <Bar share={usedNow(limit) / limit.limit} warn={usedNow(limit) / limit.limit >= 0.8} className="w-16" />
            <span className="w-28 text-right">
              {limit.unit === 'concurrent' && usedNow(limit) > 0 ? '≤ ' : ''}
              {format.number(usedNow(limit))} / {format.number(limit.limit)}
            </span>
          </p>
        ))}
      </section>
      <SpendByModel account={account} />
    </aside>
  );
}

function SpendByModel({ account }: { readonly account: AccountInfo }) {
  const t = useT();
  const format = useFormat();
  const { data } = useQuery(accountSpendQuery(account));
  if (data === undefined || data.rows.length === 0) return null;
  return (
    <section className="border-t border-line px-4 py-3">
      <h3 className="mb-1 text-12 font-medium">{t('accounts.byModel')}</h3>
      {data.rows.map((row) => (
        <p key={row.group} className="figure flex min-h-7 items-center gap-2 text-12">
          <span className="min-w-0 flex-1 truncate">{row.group}</span>
          <Bar share={data.total.costNanoUsd === 0 ? 0 : row.costNanoUsd / data.total.costNanoUsd} className="w-16" />
          <span className="w-24 text-right">{format.nano(row.costNanoUsd)}</span>
        </p>
      ))}
    </section>
  );
}
