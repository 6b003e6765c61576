import type { RouteDecision } from '@maru/api/records';
import { useFormat } from '../format/use-format.ts';
import { useT } from '../i18n/index.ts';
import { Bar } from './bars.tsx';
import { FactList } from './facts.tsx';

type Candidate = RouteDecision['candidates'][number];

/** Why a request went where it went, and whether what was expected came true. */
export function DecisionView({ decision }: { readonly decision: RouteDecision }) {
  const t = useT();
  const format = useFormat();
  const candidates = decision.candidates.toSorted(
    (left, right) => Number(left.removedBy !== undefined) - Number(right.removedBy !== undefined) || right.total - left.total,
  );
  const hit = (tokens: number): string => `${format.number(tokens)} / ${format.number(decision.promptTokens)}`;
  const chosen = decision.candidates.find((candidate) => candidate.endpoint === decision.chosen);
  const error =
    decision.realisedCachedTokens === null || decision.promptTokens === 0
      ? null
      : (decision.realisedCachedTokens - decision.expectedCachedTokens) / decision.promptTokens;
  return (
    <div>
      <p className="px-4 py-3 text-12">
        <span className="font-medium">{decision.chosen}</span>
        <span className="text-second">: {decision.reason}</span>
      </p>
      <div className="relative overflow-x-auto">
        <table className="table border-t border-line">
          <caption className="sr-only">{t('decision.candidates')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('decision.candidate')}</th>
              <th scope="col">{t('decision.expectedHit')}</th>
              <th scope="col" className="text-right!">
                {t('decision.firstToken')}
              </th>
              <th scope="col" className="text-right!">
                {t('decision.score')}
              </th>
            </tr>
          </thead>
          <tbody>
            {candidates.map((candidate) => (
              <CandidateRow key={candidate.endpoint} candidate={candidate} decision={decision} />
            ))}
          </tbody>
        </table>
      </div>
      <FactList
        className="border-t border-line px-4 py-3"
        facts={[
          { label: t('decision.hitExpected'), value: t('decision.tokens', { n: hit(decision.expectedCachedTokens) }) },
          {
            label: t('decision.hitRealised'),
            value: decision.realisedCachedTokens === null ? t('decision.notYet') : t('decision.tokens', { n: hit(decision.realisedCachedTokens) }),
          },
          ...(error === null ? [] : [{ label: t('decision.error'), value: t('decision.points', { n: format.decimal(error * 100, 1) }) }]),
          {
            label: t('decision.firstToken'),
            value: t('decision.pair', { expected: format.duration(chosen?.predictedTtftMs), realised: format.duration(decision.realisedTtftMs) }),
          },
          { label: t('decision.took'), value: decision.outcome === null ? t('decision.notYet') : format.duration(decision.realisedMs) },
          { label: t('decision.policy'), value: decision.policy },
        ]}
      />
    </div>
  );
}

function CandidateRow({ candidate, decision }: { readonly candidate: Candidate; readonly decision: RouteDecision }) {
  const t = useT();
  const format = useFormat();
  const chosen = candidate.endpoint === decision.chosen;
  const removed = candidate.removedBy !== undefined;
  const share = decision.promptTokens === 0 ? 0 : candidate.expectedCachedTokens / decision.promptTokens;
  const scores = Object.entries(candidate.scores)
    .map(([name, score]) => `${name} ${format.decimal(score, 2)}`)
    .join(' · ');
  return (
    <tr className={removed ? 'text-third' : ''} title={scores}>
      <td className={chosen ? 'font-medium' : ''}>{candidate.endpoint}</td>
      <td>
        <span className="figure inline-flex items-center gap-2 align-middle">
          <Bar share={share} className="w-12" />
          <span className="text-12">{format.percent(share)}</span>
        </span>
      </td>
      <td className="text-right! text-12">{format.duration(candidate.predictedTtftMs)}</td>
      <td className={`text-right! text-12 ${chosen ? 'font-medium text-accent' : ''}`}>
        {removed ? t('decision.removed', { filter: candidate.removedBy ?? '' }) : format.decimal(candidate.total, 2)}
      </td>
    </tr>
  );
}
