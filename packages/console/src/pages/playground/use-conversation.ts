import { useCallback, useEffect, useReducer, useRef } from 'react';
import { streamChat } from '../../api/chat.ts';
import { messagesFor, reduceTurns, type Turn } from './conversation.ts';

interface AskOptions {
  readonly model: string;
  readonly system: string;
  readonly temperature: number | undefined;
}

export interface Conversation {
  readonly turns: readonly Turn[];
  readonly busy: boolean;
  readonly ask: (question: string, options: AskOptions) => void;
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
    (question: string, options: AskOptions) => {
      const id = crypto.randomUUID();
      const controller = new AbortController();
      const startMs = performance.now();
      const elapsed = (): number => performance.now() - startMs;
      running.current = controller;
      dispatch({ type: 'ask', id, question, model: options.model });
      const run = async (): Promise<void> => {
        try {
          const chat = {
            model: options.model,
            messages: messagesFor(turns, question, options.system),
            signal: controller.signal,
            ...(options.temperature === undefined ? {} : { temperature: options.temperature }),
          };
          for await (const event of streamChat(chat)) dispatch({ type: 'event', id, event, elapsedMs: elapsed() });
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
