import type { RunStep } from '@maru/api/records';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { CodeBlock, readable } from '../code-block.tsx';
import { Icon } from '../icon.tsx';
import { StateTag } from '../tag.tsx';

/** Steps in their order; each opens to what went in and what came out. */
export function StepTimeline({ steps }: { readonly steps: readonly RunStep[] }) {
  const t = useT();
  return (
    <section>
      <h3 className="mb-1 text-11 font-normal text-third">{t('runs.steps')}</h3>
      {steps.length === 0 ? (
        <p className="text-12 text-third">{t('runs.noSteps')}</p>
      ) : (
        <ol className="border-y border-faint">
          {steps.map((step) => (
            <li key={step.index} className="border-t border-faint first:border-t-0">
              <Step step={step} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

const MARKS: Readonly<Record<RunStep['kind'], string>> = {
  model: 'bg-series-1',
  tool: 'bg-series-2',
  plan: 'bg-series-4',
  evaluate: 'bg-series-3',
  answer: 'bg-series-1',
  ingest: 'bg-series-5',
  gate: 'bg-series-3',
  publish: 'bg-series-4',
  row: 'bg-series-3',
};

function Step({ step }: { readonly step: RunStep }) {
  const t = useT();
  const format = useFormat();
  return (
    <details className="group">
      <summary className="flex min-h-8 list-none items-center gap-2 hover:bg-hover [&::-webkit-details-marker]:hidden">
        <Icon name="chevronRight" size={12} className="text-third transition-transform duration-(--motion) group-open:rotate-90" />
        <span aria-hidden="true" className={`size-2 shrink-0 rounded-mark ${MARKS[step.kind]}`} />
        <span className="truncate">{step.name}</span>
        <span className="text-12 text-third">{t(`step.${step.kind}`)}</span>
        <span className="ml-auto flex items-center gap-2 text-12 text-second">
          {step.state === 'succeeded' ? null : <StateTag state={step.state} />}
          {step.endedMs === null ? null : format.duration(step.endedMs - step.startedMs)}
        </span>
      </summary>
      <div className="flex flex-col gap-2 pb-3 pl-5">
        {step.error === undefined ? null : <p className="text-12 break-words text-red">{step.error.message}</p>}
        {step.input === undefined ? null : <Part title={t('trace.input')} value={step.input} />}
        {step.output === undefined ? null : <Part title={t('trace.output')} value={step.output} />}
      </div>
    </details>
  );
}

function Part({ title, value }: { readonly title: string; readonly value: unknown }) {
  return (
    <div>
      <p className="text-11 text-third">{title}</p>
      <CodeBlock label={title} text={readable(value)} />
    </div>
  );
}
