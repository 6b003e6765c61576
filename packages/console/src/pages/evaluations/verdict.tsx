import type { EvaluationRun } from '@maru/api/wire';
import { Bar } from '../../components/bars.tsx';
import { StateTag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

/** Passed or failed; while it runs, how far it is. */
export function Verdict({ run }: { readonly run: EvaluationRun | null }) {
  const t = useT();
  const format = useFormat();
  if (run === null) return <span className="text-third">{t('evaluations.never')}</span>;
  if (run.state === 'running' || run.state === 'queued') {
    const share = run.rows === 0 ? 0 : run.rowsDone / run.rows;
    return (
      <span className="figure inline-flex items-center gap-2 align-middle">
        <Bar share={share} />
        <span className="text-12 text-second">{t('evaluations.progress', { done: format.number(run.rowsDone), rows: format.number(run.rows) })}</span>
      </span>
    );
  }
  return <StateTag state={run.verdict ?? run.state} />;
}
