import type { RouteDecision } from '@maru/api/records';
import type { TraceDetail } from '@maru/api/wire';
import { Link } from '@tanstack/react-router';
import { type Fact, FactStrip } from '../../components/facts.tsx';
import { StateTag } from '../../components/tag.tsx';
import { TokenFlow } from '../../components/usage-view.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

/** The whole request in one line. */
export function TraceHead({ trace, decisions }: { readonly trace: TraceDetail; readonly decisions: readonly RouteDecision[] }) {
  const t = useT();
  const format = useFormat();
  const { summary, scores } = trace;
  const expected = decisions.reduce((total, decision) => total + decision.expectedCachedTokens, 0);
  const known = decisions.filter((decision) => decision.realisedCachedTokens !== null);
  const realised = known.length === 0 ? null : known.reduce((total, decision) => total + (decision.realisedCachedTokens ?? 0), 0);
  const firstToken = decisions.toSorted((left, right) => left.atMs - right.atMs).at(-1)?.realisedTtftMs;
  const facts: readonly Fact[] = [
    { label: t('trace.status'), value: <StateTag state={summary.status === 'unset' ? 'ok' : summary.status} /> },
    { label: t('trace.total'), value: format.duration(summary.durationMs) },
    ...(firstToken === undefined || firstToken === null ? [] : [{ label: t('playground.firstToken'), value: format.duration(firstToken) }]),
    { label: t('traces.tokens'), value: <TokenFlow usage={summary.usage} /> },
    { label: t('common.cost'), value: summary.costNanoUsd === null ? t('common.noPrice') : format.nanoMoney(summary.costNanoUsd) },
    ...(decisions.length === 0
      ? []
      : [{ label: t('trace.cache'), value: t('decision.pair', { expected: format.number(expected), realised: format.number(realised) }) }]),
    ...scores.slice(0, 3).map((score) => ({ label: score.name, value: <span title={score.comment}>{format.decimal(score.value, 2)}</span> })),
    { label: t('common.tenant'), value: summary.tenant },
    ...(summary.session === null
      ? []
      : [
          {
            label: t('traces.session'),
            value: (
              <Link to="/traces" search={{ session: summary.session }} className="text-accent hover:underline">
                {summary.session.slice(0, 16)}
              </Link>
            ),
          },
        ]),
  ];
  return (
    <div className="border-b border-line px-5 py-3">
      <FactStrip facts={facts} />
      {summary.status === 'error' && summary.statusMessage !== null ? <TraceError message={summary.statusMessage} /> : null}
    </div>
  );
}

function TraceError({ message }: { readonly message: string }) {
  return <p className="mt-2 rounded-control bg-red-ground px-3 py-2 text-12 break-words text-red">{message}</p>;
}
