import type { ServedModel } from '@maru/api/wire';
import { Markdown } from '../../components/markdown/markdown.tsx';
import { SimulatedTag } from '../../components/tag.tsx';
import { useT } from '../../i18n/index.ts';
import type { Turn } from './conversation.ts';
import { SourcePassage } from './source-passage.tsx';
import { TurnDetails } from './turn-details.tsx';

interface AnswerPanelProps {
  readonly turn: Turn | undefined;
  readonly model: ServedModel | undefined;
  readonly source: number | undefined;
  readonly onSource: (index: number | undefined) => void;
}

/** Beside the conversation: the passage that was cited, why the route was chosen, and what it cost. */
export function AnswerPanel({ turn, model, source, onSource }: AnswerPanelProps) {
  const t = useT();
  const passage = source === undefined ? undefined : turn?.sources[source];
  return (
    <aside
      aria-label={t('playground.details')}
      className="shrink-0 overflow-y-auto border-line bg-panel max-column:border-t column:w-[300px] column:border-l wide:w-[380px]"
    >
      {passage === undefined ? null : <SourcePassage source={passage} number={(source ?? 0) + 1} onClose={() => onSource(undefined)} />}
      {turn === undefined ? <ModelCard model={model} /> : <TurnDetails turn={turn} />}
    </aside>
  );
}

function ModelCard({ model }: { readonly model: ServedModel | undefined }) {
  const t = useT();
  if (model === undefined) return null;
  return (
    <div className="px-4 py-4">
      <h2 className="flex items-center gap-2 font-bold">
        {model.id}
        {model.simulated ? <SimulatedTag /> : null}
      </h2>
      <p className="mb-3 text-12 text-third">{t(`models.kind.${model.kind}`)}</p>
      <div className="text-12 text-second">{model.card === null ? <p>{model.description ?? t('models.noCard')}</p> : <Markdown source={model.card} />}</div>
    </div>
  );
}
