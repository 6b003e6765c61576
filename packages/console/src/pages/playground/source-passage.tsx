import { useEffect, useRef } from 'react';
import type { Source } from '../../api/ask/ask.ts';
import { IconButton } from '../../components/button.tsx';
import { plainPassage } from '../../components/plain-passage.ts';
import { useT } from '../../i18n/index.ts';

/** The words that an answer leans on, with the place where they stand. */
export function SourcePassage({ source, number, onClose }: { readonly source: Source; readonly number: number; readonly onClose: () => void }) {
  const t = useT();
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (source.citation !== '') place.current?.scrollIntoView({ block: 'nearest' });
  }, [source]);
  return (
    <section ref={place} aria-label={t('playground.source', { n: number })} className="border-b border-line bg-accent-ground/40 px-4 py-3">
      <header className="flex items-start gap-2">
        <span className="mt-0.5 inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-tag bg-accent-ground text-11 text-accent">{number}</span>
        <div className="min-w-0">
          <h2 className="font-medium break-words">{source.citation}</h2>
          <p className="text-11 text-second">
            {source.document}
            {source.page ? ` · ${t('knowledge.page', { n: source.page })}` : ''}
          </p>
        </div>
        <IconButton icon="close" label={t('common.close')} className="-mt-1 -mr-2 ml-auto" onClick={onClose} />
      </header>
      <blockquote className="mt-2 max-h-[320px] overflow-y-auto border-l-2 border-accent pl-3 text-12 break-words whitespace-pre-wrap">
        {plainPassage(source.text, source.heading ?? null)}
      </blockquote>
    </section>
  );
}
