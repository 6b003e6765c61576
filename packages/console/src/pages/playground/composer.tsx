import type { ServedModel } from '@maru/api/wire';
import { type KeyboardEvent, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { useT } from '../../i18n/index.ts';
import { readSettings } from './ask-settings.ts';
import { ChatSettings, type ChatSettingsProps } from './chat-settings.tsx';
import { ModelSelect } from './model-select.tsx';

interface ComposerProps {
  readonly models: readonly ServedModel[];
  readonly model: ServedModel | undefined;
  readonly busy: boolean;
  readonly hasTurns: boolean;
  readonly settings: ChatSettingsProps['settings'];
  readonly onSettings: ChatSettingsProps['onChange'];
  readonly onModel: (id: string) => void;
  readonly onSend: (question: string) => void;
  readonly onStop: () => void;
  readonly onClear: () => void;
}

/** Where a question is written: Enter sends, Shift Enter breaks the line. */
export function Composer({ models, model, busy, hasTurns, settings, onSettings, onModel, onSend, onStop, onClear }: ComposerProps) {
  const t = useT();
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const send = (): void => {
    if (text.trim() === '' || busy || model === undefined) return;
    if (readSettings(settings).wrong.length > 0) {
      setOpen(true);
      return;
    }
    onSend(text.trim());
    setText('');
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <div className="sticky bottom-0 border-t border-line bg-bg px-5 py-3">
      <div className="mx-auto max-w-[760px]">
        {open ? <ChatSettings settings={settings} onChange={onSettings} /> : null}
        <div className="rounded-card border border-control-line bg-panel focus-within:border-accent">
          <textarea
            aria-label={t('playground.question')}
            placeholder={t('playground.placeholder')}
            rows={Math.min(8, Math.max(2, text.split('\n').length))}
            className="block w-full resize-none bg-transparent px-3 pt-2.5 outline-none"
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={onKeyDown}
          />
          <div className="flex items-center gap-1 p-2">
            <ModelSelect models={models} value={model?.id} onChange={onModel} />
            <Button look="ghost" icon="sliders" aria-expanded={open} onClick={() => setOpen(!open)}>
              <span className="max-column:sr-only">{t('playground.settings')}</span>
            </Button>
            {hasTurns ? (
              <Button look="ghost" onClick={onClear}>
                {t('playground.clear')}
              </Button>
            ) : null}
            {busy ? (
              <Button className="ml-auto" icon="stop" onClick={onStop}>
                {t('playground.stop')}
              </Button>
            ) : (
              <Button className="ml-auto" look="primary" icon="arrowUp" disabled={text.trim() === '' || model === undefined} onClick={send}>
                {t('playground.send')}
              </Button>
            )}
          </div>
        </div>
      </div>
    </div>
  );
}
