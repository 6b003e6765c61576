import type { EvaluationRow } from '@maru/api/wire';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { IconButton } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Markdown } from '../../components/markdown/markdown.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

/** One row: question, answer beside what was expected, scores with their reasons, passages. */
export function RowPanel({ row, onClose }: { readonly row: EvaluationRow; readonly onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  return (
    <aside
      aria-label={t('evaluations.row')}
      className="slide-in shrink-0 border-line bg-panel max-wide:border-t wide:w-[420px] wide:overflow-y-auto wide:border-l"
    >
      <header className="flex items-center gap-2 px-4 pt-3">
        <h2 className="font-bold">{row.row}</h2>
        <span className="ml-auto flex items-center">
          {row.traceId === null ? null : (
            <Link to="/traces/$traceId" params={{ traceId: row.traceId }} className="control control-ghost text-accent!">
              {t('playground.openTrace')}
              <Icon name="arrowRight" size={12} />
            </Link>
          )}
          <IconButton icon="close" label={t('common.close')} onClick={onClose} />
        </span>
      </header>
      <div className="flex flex-col gap-4 px-4 pb-5">
        <Part title={t('evaluations.question')}>
          <p className="whitespace-pre-wrap">{row.input}</p>
        </Part>
        {row.error === null ? null : <p className="rounded-control bg-red-ground px-3 py-2 text-12 text-red">{row.error.message}</p>}
        {row.answer === null ? null : (
          <Part title={t('evaluations.answer')}>
            <Markdown source={row.answer} />
          </Part>
        )}
        {row.expected === null ? null : (
          <Part title={t('evaluations.expected')}>
            <p className="whitespace-pre-wrap">{row.expected}</p>
          </Part>
        )}
        <Part title={t('evaluations.scores')}>
          <ul className="flex flex-col gap-1">
            {Object.entries(row.scores).map(([name, score]) => (
              <li key={name} className="text-12">
                <span className="text-second">{name}</span> <span className="font-medium">{format.decimal(score.value, 2)}</span>
                {score.reason === null ? null : <span className="text-third"> · {score.reason}</span>}
              </li>
            ))}
          </ul>
        </Part>
        {row.passages.length === 0 ? null : (
          <Part title={t('evaluations.passages')}>
            <ol className="flex flex-col gap-3">
              {row.passages.map((passage, index) => (
                <li key={`${passage.citation}-${index + 1}`} className="border-l-2 border-line pl-3 text-12">
                  <p className="font-medium">{passage.citation}</p>
                  <p className="line-clamp-6 text-second">{passage.text}</p>
                </li>
              ))}
            </ol>
          </Part>
        )}
      </div>
    </aside>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1 text-11 font-normal text-third">{title}</h3>
      {children}
    </section>
  );
}
