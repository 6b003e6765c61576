import { NANO_PER_USD } from '@maru/api/records';
import type { BudgetState } from '@maru/api/wire';
import { ShareBar } from '../../components/bars.tsx';
import { Moment } from '../../components/moment.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { sayWindow } from '../budget-window.ts';

/** Every budget of one owner: spent of its limit, its window, and when it begins again. */
export function BudgetList({ budgets }: { readonly budgets: readonly BudgetState[] }) {
  const t = useT();
  const format = useFormat();
  if (budgets.length === 0) return <p className="text-12 text-third">{t('common.noBudget')}</p>;
  return budgets.map((budget, index) => (
    <div key={`${budget.window} ${budget.mode} ${index + 1}`} className="border-t border-faint py-1.5 text-12 first:border-t-0">
      <p className="figure flex items-center gap-2">
        <span>
          <span className="font-medium">{format.nano(budget.spentNanoUsd)}</span>
          <span className="text-third"> / {format.usd(budget.limitNanoUsd / NANO_PER_USD)}</span> {sayWindow(t, 'costs.window', budget.window)}
        </span>
        <span className="ml-auto">
          <ShareBar share={budget.limitNanoUsd === 0 ? 1 : budget.spentNanoUsd / budget.limitNanoUsd} warnAt={budget.warnAtPercent / 100} />
        </span>
      </p>
      <p className="flex gap-2 text-11 text-third">
        {t(`costs.mode.${budget.mode}`)}
        {budget.models === null ? '' : ` · ${budget.models.join(', ')}`}
        <span className="ml-auto">
          {budget.resetsMs === null ? (
            t(budget.window === 'total' ? 'costs.never' : 'costs.rolls')
          ) : (
            <>
              {t('costs.resets')} <Moment atMs={budget.resetsMs} ago />
            </>
          )}
        </span>
      </p>
    </div>
  ));
}
