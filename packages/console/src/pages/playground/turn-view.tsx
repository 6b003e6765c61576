import { API_NAMES } from '../../api/ask/ask.ts';
import { Icon } from '../../components/icon.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { Markdown } from '../../components/markdown/markdown.tsx';
import { SimulatedTag, Tag } from '../../components/tag.tsx';
import { TokenFlow } from '../../components/usage-view.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import type { Turn, TurnCall } from './conversation.ts';

interface TurnViewProps {
  readonly turn: Turn;
  readonly chosen: boolean;
  readonly onChoose: () => void;
  readonly onCite: (index: number) => void;
}

/** One question with its answer; the line under it leads to its route and cost. */
export function TurnView({ turn, chosen, onChoose, onCite }: TurnViewProps) {
  const t = useT();
  return (
    <article className="border-t border-faint py-4 first:border-t-0" aria-label={turn.question}>
      <p className="mb-1 text-11 text-third">{t('playground.you')}</p>
      <p className="mb-4 max-w-[76ch] font-medium break-words whitespace-pre-wrap">{turn.question}</p>
      <p className="mb-1 flex items-center gap-2 text-11 text-third">
        {turn.ask.model}
        {turn.ask.api === 'chat' ? null : <span>{API_NAMES[turn.ask.api]}</span>}
        {turn.route?.cache === 'hit' || turn.route?.cache === 'semantic-hit' ? <Tag tone="accent">{t('playground.fromCache')}</Tag> : null}
        {turn.route?.simulated === true ? <SimulatedTag /> : null}
      </p>
      <div aria-live="polite" aria-busy={turn.state === 'waiting' || turn.state === 'streaming'}>
        {turn.state === 'waiting' ? <Waiting /> : null}
        <Markdown source={turn.answer} citations={turn.sources.map((source) => source.citation)} onCite={onCite} />
        {turn.calls.map((call, index) => (
          <ToolCall key={`${call.name}-${index + 1}`} call={call} />
        ))}
        {turn.state === 'failed' ? <InlineError error={turn.error} /> : null}
        {turn.state === 'stopped' ? <p className="mt-2 text-12 text-second">{t('playground.stopped')}</p> : null}
      </div>
      {turn.sources.length === 0 ? null : (
        <ul aria-label={t('playground.sources')} className="mt-3 flex flex-wrap gap-2">
          {turn.sources.map((source, index) => (
            <li key={`${source.citation}-${index + 1}`}>
              <button
                type="button"
                className="inline-flex h-6 max-w-[320px] items-center gap-2 rounded-tag bg-chosen px-2 text-11 text-second hover:text-ink"
                onClick={() => onCite(index)}
              >
                <span className="text-accent">{index + 1}</span>
                <span className="truncate">{source.citation}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {turn.state === 'done' || turn.state === 'stopped' || turn.state === 'failed' ? <TurnFooter turn={turn} chosen={chosen} onChoose={onChoose} /> : null}
    </article>
  );
}

/** A call that the model asks for; nobody makes it here. */
function ToolCall({ call }: { readonly call: TurnCall }) {
  return (
    <p className="mt-2 rounded-control bg-faint px-3 py-2 font-mono text-12 break-words">
      <span className="font-medium">{call.name}</span>({call.arguments})
    </p>
  );
}

function TurnFooter({ turn, chosen, onChoose }: { readonly turn: Turn; readonly chosen: boolean; readonly onChoose: () => void }) {
  const t = useT();
  const format = useFormat();
  return (
    <button
      type="button"
      aria-pressed={chosen}
      onClick={onChoose}
      className={`mt-3 -ml-2 inline-flex h-7 items-center gap-3 rounded-control px-2 text-11 text-second hover:bg-hover ${chosen ? 'bg-chosen' : ''}`}
    >
      <span>
        {t('playground.firstToken')} {format.duration(turn.firstTokenMs)}
      </span>
      <span>
        {t('playground.total')} {format.duration(turn.totalMs)}
      </span>
      {turn.usage === undefined ? null : (
        <span>
          <TokenFlow usage={turn.usage} /> {t('common.tokens')}
        </span>
      )}
      <Icon name="chevronRight" size={12} />
    </button>
  );
}

function Waiting() {
  const t = useT();
  return (
    <div role="status" aria-label={t('playground.waiting')} className="flex flex-col gap-2 py-1">
      <span className="skeleton h-2.5 w-3/5" />
      <span className="skeleton h-2.5 w-2/5" />
    </div>
  );
}
