import type { Overview } from '@maru/api/wire';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { Figure } from './figure.tsx';

const WARN_SHARE = 0.8;
const HIT_GAP = 0.1;
/** Below this the rate rounds to nothing and the count says more. */
const BUSY_PER_SECOND = 0.1;

/** The five figures of the head: load, money, cache, speed, errors. */
export function FigureStrip({ overview }: { readonly overview: Overview }) {
  const t = useT();
  const format = useFormat();
  const { requests, spend, hit, ttft, errors } = overview;
  const busy = requests.perSecond >= BUSY_PER_SECOND;
  const spentShare = spend.budgetUsd === null || spend.budgetUsd === 0 ? 0 : spend.usd / spend.budgetUsd;
  const hitLow = hit.expected !== null && hit.realised !== null && hit.realised < hit.expected - HIT_GAP;
  return (
    <section
      aria-label={t('overview.figures')}
      className="grid grid-cols-1 divide-y divide-line overflow-hidden rounded-card border border-line bg-panel min-[560px]:grid-cols-2 wide:grid-cols-5 wide:divide-x wide:divide-y-0"
    >
      <Figure
        label={t('overview.requests')}
        value={busy ? format.decimal(requests.perSecond, 1) : format.number(requests.total)}
        beside={busy ? t('overview.perSecond') : t('overview.total')}
        below={busy ? t('overview.inTotal', { n: format.number(requests.total) }) : t('overview.perHour', { n: format.decimal(requests.perSecond * 3600, 1) })}
        series={requests.series}
        to="/traces"
      />
      <Figure
        label={t('overview.spend')}
        value={format.usdBrief(spend.usd)}
        exact={format.usd(spend.usd)}
        beside={spend.budgetUsd === null ? undefined : t('overview.ofBudget', { budget: format.usdBrief(spend.budgetUsd) })}
        below={spend.monthEndUsd === null ? undefined : t('overview.monthEnd', { amount: format.usdBrief(spend.monthEndUsd) })}
        exactBelow={t('overview.monthEnd', { amount: format.usd(spend.monthEndUsd) })}
        series={spend.series}
        tone={spentShare >= 1 ? 'red' : spentShare >= WARN_SHARE ? 'amber' : 'accent'}
        to="/costs"
      />
      <Figure
        label={t('overview.hit')}
        value={format.percentExact(hit.realised)}
        beside={hit.expected === null ? undefined : t('overview.hitExpected', { share: format.percentExact(hit.expected) })}
        below={hit.savedUsd === null ? undefined : t('overview.hitSaves', { amount: format.usdBrief(hit.savedUsd) })}
        exactBelow={t('overview.hitSaves', { amount: format.usd(hit.savedUsd) })}
        series={hit.series}
        tone={hitLow ? 'amber' : 'accent'}
        to="/models"
      />
      <Figure
        label={t('overview.firstToken')}
        value={format.duration(ttft.p50Ms)}
        beside={t('overview.p95', { duration: format.duration(ttft.p95Ms) })}
        below={ttft.p50Ms === null ? t('overview.noStreams') : t('overview.median')}
        series={ttft.series}
        to="/traces"
      />
      <Figure
        label={t('overview.errors')}
        value={format.percent(errors.rate)}
        beside={t('overview.errorCount', { n: format.number(errors.total) })}
        below={t('overview.retried', { n: format.number(errors.retried) })}
        series={errors.series}
        tone={errors.rate >= 0.05 ? 'red' : errors.rate >= 0.01 ? 'amber' : 'accent'}
        to="/traces"
        search={{ status: 'error' }}
      />
    </section>
  );
}
