import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { modelsQuery } from '../../api/queries.ts';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { AnswerPanel } from './answer-panel.tsx';
import { NO_SETTINGS } from './ask-settings.ts';
import { Composer } from './composer.tsx';
import { ConversationView } from './conversation-view.tsx';
import { useConversation } from './use-conversation.ts';

/** Any model, route or agent over any API, with everything that happened to the request beside each answer. */
export function PlaygroundPage() {
  const t = useT();
  const search = useSearch({ from: '/playground' });
  const navigate = useNavigate({ from: '/playground' });
  const models = (useQuery(modelsQuery).data ?? []).filter((model) => model.kind !== 'model' || model.capabilities.includes('chat'));
  const fallback = models.find((model) => model.id === 'agent/guide') ?? models.find((model) => model.kind === 'route') ?? models[0];
  const model = models.find((candidate) => candidate.id === search.model) ?? fallback;
  const conversation = useConversation();
  const [settings, setSettings] = useState(NO_SETTINGS);
  const [chosenTurn, setChosenTurn] = useState<string | undefined>(undefined);
  const [chosenSource, setChosenSource] = useState<number | undefined>(undefined);
  const turn = conversation.turns.find((candidate) => candidate.id === chosenTurn) ?? conversation.turns.at(-1);

  return (
    <div className="flex flex-col column:h-[calc(100dvh-48px)] column:flex-row">
      <PageHead title={t('nav.playground')} detail={model?.id} />
      <div className="flex min-w-0 flex-1 flex-col max-column:min-h-[calc(100dvh-48px)]">
        <ConversationView
          turns={conversation.turns}
          chosen={turn?.id}
          model={model}
          onChoose={(id) => {
            setChosenTurn(id);
            setChosenSource(undefined);
          }}
          onCite={(id, index) => {
            setChosenTurn(id);
            setChosenSource(index);
          }}
          onExample={(question) => model && conversation.ask(question, model.id, settings)}
        />
        <Composer
          models={models}
          model={model}
          busy={conversation.busy}
          hasTurns={conversation.turns.length > 0}
          onModel={(id) => void navigate({ search: (previous) => ({ ...previous, model: id }), replace: true })}
          onSend={(question) => {
            if (model === undefined) return;
            setChosenTurn(undefined);
            setChosenSource(undefined);
            conversation.ask(question, model.id, settings);
          }}
          onStop={conversation.stop}
          onClear={conversation.clear}
          settings={settings}
          onSettings={setSettings}
        />
      </div>
      <AnswerPanel turn={turn} model={model} source={chosenSource} onSource={setChosenSource} />
    </div>
  );
}
