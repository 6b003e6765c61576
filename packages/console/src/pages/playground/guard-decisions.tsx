import type { Span } from '@maru/api/records';
import { z } from 'zod';
import { Tag, type Tone } from '../../components/tag.tsx';
import { useT } from '../../i18n/index.ts';

const RESULTS = ['passed', 'masked', 'flagged', 'blocked', 'failed-open', 'failed-closed'] as const;
const attributesSchema = z.object({
  guardrail: z.string(),
  stage: z.enum(['before', 'during', 'after']),
  result: z.string(),
  found: z.record(z.string(), z.number()).or(z.array(z.string())).optional().catch(undefined),
});

const TONES: Readonly<Record<string, Tone>> = { masked: 'accent', flagged: 'amber', blocked: 'red', 'failed-open': 'amber', 'failed-closed': 'red' };

/** What each guardrail found, and what became of it. The text itself is nowhere. */
export function GuardDecisions({ spans }: { readonly spans: readonly Span[] }) {
  const t = useT();
  const decisions = spans.flatMap((span) => {
    const read = span.kind === 'guardrail' ? attributesSchema.safeParse(span.attributes) : undefined;
    return read?.success === true ? [{ id: span.spanId, ...read.data }] : [];
  });
  if (decisions.length === 0) return null;
  return (
    <section className="border-b border-line px-4 py-3">
      <h2 className="mb-1 text-13 font-bold">{t('route.guardrails')}</h2>
      {decisions.map(({ id, guardrail, stage, result, found }) => {
        const known = RESULTS.find((name) => name === result);
        const tone = TONES[result];
        const word = known === undefined ? result : t(`guard.result.${known}`);
        return (
          <p key={id} className="flex min-h-7 flex-wrap items-center gap-x-2 text-12">
            <span className="font-medium">{guardrail}</span>
            <span className="text-third">{t(`guard.at.${stage}`)}</span>
            {tone === undefined ? <span className="text-second">{word}</span> : <Tag tone={tone}>{word}</Tag>}
            {found === undefined ? null : <span className="text-second">{sayFound(found)}</span>}
          </p>
        );
      })}
    </section>
  );
}

const sayFound = (found: Readonly<Record<string, number>> | readonly string[]): string =>
  (Array.isArray(found) ? found : Object.entries(found).map(([kind, count]) => `${kind} × ${count}`)).join(', ');
