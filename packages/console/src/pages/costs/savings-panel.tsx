import type { Savings } from '@maru/api/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { usePollMs } from '../../api/live.ts';
import { savingsQuery } from '../../api/queries.ts';
import type { Range } from '../../api/range.ts';
import { Tag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

/** Money that was not spent, beside the calls whose price nobody knows. */
export function SavingsPanel({ range }: { readonly range: Range }) {
  const t = useT();
  const pollMs = usePollMs(10_000);
  const query = useQuery({ ...savingsQuery(range), refetchInterval: pollMs, placeholderData: (previous) => previous });
  if (query.data === undefined) return null;
  return (
    <section
      aria-label={t('costs.savings')}
      className={`grid grid-cols-1 divide-y divide-line overflow-hidden rounded-card border border-line bg-panel column:divide-x column:divide-y-0 ${
        query.data.batches.length === 0 ? 'column:grid-cols-3' : 'column:grid-cols-4'
      }`}
    >
      <PromptCache savings={query.data} />
      <AnswerCache savings={query.data} />
      {query.data.batches.length === 0 ? null : <Batches savings={query.data} />}
      <Unpriced savings={query.data} />
    </section>
  );
}

function Cell({
  label,
  figure,
  beside,
  children,
}: {
  readonly label: string;
  readonly figure: string;
  readonly beside?: string;
  readonly children: ReactNode;
}) {
  return (
    <div className="flex min-w-0 flex-col gap-0.5 px-4 py-3">
      <p className="text-11 text-third">{label}</p>
      <p className="figure flex flex-wrap items-baseline gap-x-2">
        <span className="text-14 font-bold">{figure}</span>
        {beside === undefined ? null : <span className="text-12 text-second">{beside}</span>}
      </p>
      <div className="text-12 text-second">{children}</div>
    </div>
  );
}

function PromptCache({ savings: { promptCache } }: { readonly savings: Savings }) {
  const t = useT();
  const format = useFormat();
  return (
    <Cell label={t('costs.promptCache')} figure={format.nano(promptCache.savedNanoUsd)} beside={t('costs.saved')}>
      {promptCache.tokens === 0
        ? t('costs.promptCacheNone')
        : t('costs.promptCacheTokens', { n: format.compact(promptCache.tokens), share: format.percent(promptCache.share) })}
    </Cell>
  );
}

function AnswerCache({
  savings: {
    answerCache: { rows, sinceMs },
    fromMs,
  },
}: {
  readonly savings: Savings;
}) {
  const t = useT();
  const format = useFormat();
  const sum = (value: (row: Savings['answerCache']['rows'][number]) => number): number => rows.reduce((total, row) => total + value(row), 0);
  const [hits, asked] = [sum((row) => row.hits), sum((row) => row.hits + row.misses)];
  return (
    <Cell label={t('costs.answerCache')} figure={format.nano(sum((row) => row.savedNanoUsd))} beside={t('costs.saved')}>
      {asked === 0 ? (
        t('costs.answerCacheNone')
      ) : (
        <>
          {t('costs.answerCacheHits', { hits: format.number(hits), asked: format.number(asked) })}
          {sinceMs > fromMs ? ` · ${t('costs.since', { time: format.moment(sinceMs) })}` : null}
          {rows.slice(0, 3).map((row) => (
            <Link key={row.model} to="/models" search={{ id: row.model }} className="ml-2 text-accent underline underline-offset-2">
              {row.model} {format.percent(row.hits / Math.max(1, row.hits + row.misses))}
            </Link>
          ))}
        </>
      )}
    </Cell>
  );
}

function Batches({ savings: { batches } }: { readonly savings: Savings }) {
  const t = useT();
  const format = useFormat();
  const sum = (value: (row: Savings['batches'][number]) => number): number => batches.reduce((total, row) => total + value(row), 0);
  return (
    <Cell label={t('costs.batches')} figure={format.nano(sum((row) => row.savedNanoUsd))} beside={t('costs.saved')}>
      {t('costs.batchCalls', { n: format.number(sum((row) => row.requests)), cost: format.nano(sum((row) => row.costNanoUsd)) })}
    </Cell>
  );
}

const MOST_NAMES = 4;

function Unpriced({ savings: { unpriced } }: { readonly savings: Savings }) {
  const t = useT();
  const format = useFormat();
  const calls = unpriced.reduce((sum, row) => sum + row.requests, 0);
  return (
    <Cell label={t('costs.unpricedCalls')} figure={format.number(calls)} {...(calls === 0 ? {} : { beside: t('costs.notInSum') })}>
      {calls === 0 ? (
        t('costs.allPriced')
      ) : (
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          {unpriced.slice(0, MOST_NAMES).map((row) => (
            <Link
              key={row.model}
              to="/resources/$kind/$name"
              params={{ kind: 'Model', name: row.model }}
              className="inline-flex items-center gap-1 hover:underline"
            >
              {row.model} <Tag tone="amber">{format.number(row.requests)}</Tag>
            </Link>
          ))}
          {unpriced.length > MOST_NAMES ? t('costs.andMore', { n: format.number(unpriced.length - MOST_NAMES) }) : null}
        </span>
      )}
    </Cell>
  );
}
