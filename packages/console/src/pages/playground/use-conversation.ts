import { useCallback, useEffect, useReducer, useRef } from 'react';
import { streamAsk } from '../../api/ask/stream-ask.ts';
import { type AskSettings, readSettings } from './ask-settings.ts';
import { messagesFor, reduceTurns, type Turn } from './conversation.ts';

export interface Conversation {
  readonly turns: readonly Turn[];
  readonly busy: boolean;
  readonly ask: (question: string, model: string, settings: AskSettings) => void;
  readonly stop: () => void;
  readonly clear: () => void;
}

/** A conversation of this page; leaving the page stops the answer upstream too. */
export function useConversation(): Conversation {
  const [turns, dispatch] = useReducer(reduceTurns, []);
  const running = useRef<AbortController | undefined>(undefined);
  const busy = turns.some((turn) => turn.state === 'waiting' || turn.state === 'streaming');

  useEffect(() => () => running.current?.abort(), []);

  const ask = useCallback(
    (question: string, model: string, settings: AskSettings) => {
      const id = crypto.randomUUID();
      const controller = new AbortController();
      const startMs = performance.now();
      const elapsed = (): number => performance.now() - startMs;
      const { api, stream, system, temperature, image } = settings;
      const { tools, schema } = readSettings(settings);
      const asked = { api, stream, system, temperature, image, tools, schema, model, messages: messagesFor(turns, question) };
      running.current = controller;
      dispatch({ type: 'ask', id, question, ask: asked });
      const run = async (): Promise<void> => {
        try {
          for await (const event of streamAsk(asked, controller.signal)) dispatch({ type: 'event', id, event, elapsedMs: elapsed() });
          dispatch({ type: 'end', id, state: 'done', elapsedMs: elapsed() });
        } catch (error) {
          dispatch({ type: 'end', id, state: controller.signal.aborted ? 'stopped' : 'failed', elapsedMs: elapsed(), error });
        }
      };
      void run();
    },
    [turns],
  );
  const stop = useCallback(() => running.current?.abort(), []);
  const clear = useCallback(() => {
    running.current?.abort();
    dispatch({ type: 'clear' });
  }, []);
  return { turns, busy, ask, stop, clear };
}
