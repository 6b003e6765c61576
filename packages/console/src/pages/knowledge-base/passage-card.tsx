import type { PassageInfo } from '@maru/api/wire';
import { useState } from 'react';
import { plainPassage } from '../../components/plain-passage.ts';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { highlight } from './highlight.ts';

const LONG = 420;

/** One passage with its place; the words of the question are marked. */
export function PassageCard({ passage, rank, query }: { readonly passage: PassageInfo; readonly rank: number; readonly query: string }) {
  const t = useT();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const text = plainPassage(passage.text, passage.heading);
  const long = text.length > LONG;
  return (
    <li className="border-t border-faint px-4 py-3">
      <p className="flex items-baseline gap-2">
        <span className="w-4 text-12 text-third">{rank}</span>
        <span className="min-w-0 font-medium break-words">{passage.citation}</span>
        <span className="ml-auto text-12 text-third" title={t('knowledge.score')}>
          {format.decimal(passage.score, 3)}
        </span>
      </p>
      <p className={`mt-1 pl-6 text-12 break-words whitespace-pre-wrap text-second ${open ? '' : 'line-clamp-5'}`}>
        {highlight(text, query).map((piece, index) =>
          piece.hit ? (
            <mark key={`${index + 1}`} className="rounded-mark bg-accent-ground text-ink">
              {piece.text}
            </mark>
          ) : (
            <span key={`${index + 1}`}>{piece.text}</span>
          ),
        )}
      </p>
      {long ? (
        <button type="button" aria-expanded={open} className="mt-1 ml-6 text-12 text-accent hover:underline" onClick={() => setOpen(!open)}>
          {open ? t('knowledge.less') : t('knowledge.more')}
        </button>
      ) : null}
    </li>
  );
}
