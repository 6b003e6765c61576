import type { Span } from '@maru/api/records';
import { Icon } from '../../components/icon.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

/** Every engine that was asked, in order; shown where there was more than one, or where the one has failed. */
export function AttemptList({ spans }: { readonly spans: readonly Span[] }) {
  const t = useT();
  const format = useFormat();
  const attempts = spans
    .filter((span) => span.kind === 'engine' && typeof span.attributes['endpoint'] === 'string')
    .toSorted((left, right) => left.startMs - right.startMs);
  if (attempts.length < 2 && attempts.every((span) => span.status !== 'error')) return null;
  return (
    <section className="border-b border-line px-4 py-3">
      <h2 className="mb-1 text-13 font-bold">{t('playground.attempts')}</h2>
      <ol className="flex flex-col">
        {attempts.map((span, index) => (
          <li key={span.spanId} className="border-t border-faint py-1.5 text-12 first:border-t-0">
            <p className="flex items-center gap-2">
              <span className="w-3 text-third">{index + 1}</span>
              <span className={span.status === 'error' ? 'text-red' : 'text-second'}>
                <Icon name={span.status === 'error' ? 'error' : 'check'} size={12} />
                <span className="sr-only">{t(span.status === 'error' ? 'state.failed' : 'state.ok')}</span>
              </span>
              <span className="font-medium">{String(span.attributes['endpoint'])}</span>
              <span className="figure ml-auto text-second">{span.endMs === null ? '–' : format.duration(span.endMs - span.startMs)}</span>
            </p>
            {span.status === 'error' ? <p className="pl-9 break-words text-second">{span.statusMessage}</p> : null}
          </li>
        ))}
      </ol>
    </section>
  );
}
