import type { ServedModel } from '@maru/api/wire';
import { useEffect, useRef } from 'react';
import { SimulatedTag } from '../../components/tag.tsx';
import { useT } from '../../i18n/index.ts';
import type { Turn } from './conversation.ts';
import { TurnView } from './turn-view.tsx';

interface ConversationViewProps {
  readonly turns: readonly Turn[];
  readonly chosen: string | undefined;
  readonly model: ServedModel | undefined;
  readonly onChoose: (id: string) => void;
  readonly onCite: (id: string, index: number) => void;
  readonly onExample: (question: string) => void;
}

const SCROLLS = { tabIndex: 0 } as const;

/** Questions and answers; follows the end while an answer is made. */
export function ConversationView({ turns, chosen, model, onChoose, onCite, onExample }: ConversationViewProps) {
  const t = useT();
  const scroller = useRef<HTMLElement>(null);
  const last = turns.at(-1);
  const progress = `${turns.length} ${last?.answer.length ?? 0} ${last?.state ?? ''}`;
  useEffect(() => {
    const element = scroller.current;
    if (progress === '' || element === null) return;
    const nearEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 160;
    if (nearEnd) element.scrollTop = element.scrollHeight;
  }, [progress]);
  return (
    <section ref={scroller} {...SCROLLS} aria-label={t('playground.conversation')} className="min-h-0 flex-1 overflow-y-auto focus-visible:-outline-offset-2">
      <div className="mx-auto flex min-h-full w-full max-w-[800px] flex-col px-5 py-5">
        {turns.length === 0 ? (
          <Welcome model={model} onExample={onExample} />
        ) : (
          turns.map((turn) => (
            <TurnView key={turn.id} turn={turn} chosen={turn.id === chosen} onChoose={() => onChoose(turn.id)} onCite={(index) => onCite(turn.id, index)} />
          ))
        )}
      </div>
    </section>
  );
}

function Welcome({ model, onExample }: { readonly model: ServedModel | undefined; readonly onExample: (question: string) => void }) {
  const t = useT();
  const examples = [t('playground.example1'), t('playground.example2'), t('playground.example3')];
  return (
    <div className="my-auto flex flex-col gap-4 py-7">
      <div>
        <h2 className="flex items-center gap-2 text-14 font-bold">
          {model === undefined ? t('playground.noModel') : t('playground.ask', { model: model.id })}
          {model?.simulated === true ? <SimulatedTag /> : null}
        </h2>
        <p className="mt-1 max-w-[64ch] text-second">{model?.description ?? t('playground.hint')}</p>
      </div>
      {model === undefined ? null : (
        <ul className="flex flex-col border-y border-line">
          {examples.map((example) => (
            <li key={example} className="border-t border-faint first:border-t-0">
              <button
                type="button"
                className="flex h-9 w-full items-center px-2 text-left text-second hover:bg-hover hover:text-ink"
                onClick={() => onExample(example)}
              >
                {example}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
