import type { Usage } from '@maru/api/records';
import type { ChatEvent, ChatMessage, ChatRoute, Source } from '../../api/chat.ts';

/** A question and what came back. */
export interface Turn {
  readonly id: string;
  readonly question: string;
  readonly model: string;
  readonly state: 'waiting' | 'streaming' | 'done' | 'stopped' | 'failed';
  readonly answer: string;
  readonly sources: readonly Source[];
  readonly route: ChatRoute | undefined;
  readonly usage: Usage | undefined;
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number | undefined;
  readonly error: unknown;
}

export type TurnAction =
  | { readonly type: 'ask'; readonly id: string; readonly question: string; readonly model: string }
  | { readonly type: 'event'; readonly id: string; readonly event: ChatEvent; readonly elapsedMs: number }
  | { readonly type: 'end'; readonly id: string; readonly state: 'done' | 'stopped' | 'failed'; readonly elapsedMs: number; readonly error?: unknown }
  | { readonly type: 'clear' };

const newTurn = (id: string, question: string, model: string): Turn => ({
  id,
  question,
  model,
  state: 'waiting',
  answer: '',
  sources: [],
  route: undefined,
  usage: undefined,
  firstTokenMs: undefined,
  totalMs: undefined,
  error: undefined,
});

function applyEvent(turn: Turn, event: ChatEvent, elapsedMs: number): Turn {
  switch (event.type) {
    case 'start':
      return { ...turn, route: event.route };
    case 'text':
      return { ...turn, state: 'streaming', answer: turn.answer + event.text, firstTokenMs: turn.firstTokenMs ?? elapsedMs };
    case 'sources':
      return { ...turn, sources: event.sources };
    case 'usage':
      return { ...turn, usage: event.usage };
  }
}

/** All turns after an action; unknown ids change nothing. */
export function reduceTurns(turns: readonly Turn[], action: TurnAction): readonly Turn[] {
  switch (action.type) {
    case 'ask':
      return [...turns, newTurn(action.id, action.question, action.model)];
    case 'event':
      return turns.map((turn) => (turn.id === action.id ? applyEvent(turn, action.event, action.elapsedMs) : turn));
    case 'end':
      return turns.map((turn) => (turn.id === action.id ? { ...turn, state: action.state, totalMs: action.elapsedMs, error: action.error } : turn));
    case 'clear':
      return [];
  }
}

/** What the model is told: the system prompt and every turn that has an answer, then the new question. */
export function messagesFor(turns: readonly Turn[], question: string, system: string): readonly ChatMessage[] {
  return [
    ...(system.trim() === '' ? [] : [{ role: 'system' as const, content: system }]),
    ...turns.flatMap((turn) =>
      turn.answer === ''
        ? []
        : [
            { role: 'user' as const, content: turn.question },
            { role: 'assistant' as const, content: turn.answer },
          ],
    ),
    { role: 'user', content: question },
  ];
}
