import type { DecisionDetail } from '@maru/api/wire';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

/** Time to first token and price of the prompt at every candidate, against where it went. */
export function Elsewhere({ detail: { decision, elsewhere } }: { readonly detail: DecisionDetail }) {
  const t = useT();
  const format = useFormat();
  const others = elsewhere.filter(({ endpoint }) => endpoint !== decision.chosen);
  if (others.length === 0) return <p className="px-4 pb-3 text-12 text-second">{t('routing.oneCandidate')}</p>;
  const here = elsewhere.find(({ endpoint }) => endpoint === decision.chosen);
  const rows = here === undefined ? others : [here, ...others];
  return (
    <div className="relative overflow-x-auto">
      <table className="table">
        <caption className="sr-only">{t('routing.elsewhere')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('decision.candidate')}</th>
            <th scope="col" className="text-right!">
              {t('decision.firstToken')}
            </th>
            <th scope="col" className="text-right!">
              {t('routing.promptCost')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.endpoint}>
              <td className={row === here ? 'font-medium' : ''}>{row.endpoint}</td>
              <td className="text-right! text-12">{row === here ? <span className="text-third">{t('routing.here')}</span> : <Delta ms={row.ttftDeltaMs} />}</td>
              <td className="text-right! text-12">{format.nano(row.promptCostNanoUsd)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Less than this is no difference that somebody would feel. */
const EQUAL_MS = 0.05;

function Delta({ ms }: { readonly ms: number | null }) {
  const t = useT();
  const format = useFormat();
  if (ms === null) return <span className="text-third">–</span>;
  if (Math.abs(ms) < EQUAL_MS) return <span className="text-third">±0 ms</span>;
  return <span className={ms < 0 ? 'text-amber' : ''}>{t(ms < 0 ? 'routing.sooner' : 'routing.later', { time: format.duration(Math.abs(ms)) })}</span>;
}
