import type { Usage } from '@maru/api/records';
import type { AnswerRoute, Ask, AskEvent, AskMessage, Source } from '../../api/ask/ask.ts';

/** A call of a tool that the model asks for. */
export interface TurnCall {
  readonly name: string;
  readonly arguments: string;
}

/** A question and what came back. */
export interface Turn {
  readonly id: string;
  readonly question: string;
  readonly ask: Ask;
  readonly state: 'waiting' | 'streaming' | 'done' | 'stopped' | 'failed';
  readonly answer: string;
  readonly calls: readonly TurnCall[];
  readonly sources: readonly Source[];
  readonly route: AnswerRoute | undefined;
  readonly usage: Usage | undefined;
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number | undefined;
  readonly error: unknown;
}

export type TurnAction =
  | { readonly type: 'ask'; readonly id: string; readonly question: string; readonly ask: Ask }
  | { readonly type: 'event'; readonly id: string; readonly event: AskEvent; readonly elapsedMs: number }
  | { readonly type: 'end'; readonly id: string; readonly state: 'done' | 'stopped' | 'failed'; readonly elapsedMs: number; readonly error?: unknown }
  | { readonly type: 'clear' };

const newTurn = (id: string, question: string, ask: Ask): Turn => ({
  id,
  question,
  ask,
  state: 'waiting',
  answer: '',
  calls: [],
  sources: [],
  route: undefined,
  usage: undefined,
  firstTokenMs: undefined,
  totalMs: undefined,
  error: undefined,
});

function applyEvent(turn: Turn, event: AskEvent, elapsedMs: number): Turn {
  const seen = { state: 'streaming', firstTokenMs: turn.firstTokenMs ?? elapsedMs } as const;
  switch (event.type) {
    case 'start':
      return { ...turn, route: event.route };
    case 'text':
      return { ...turn, ...seen, answer: turn.answer + event.text };
    case 'call-start':
      return { ...turn, ...seen, calls: [...turn.calls, { name: event.name, arguments: '' }] };
    case 'call-delta':
      return { ...turn, ...seen, calls: continued(turn.calls, event.text) };
    case 'sources':
      return { ...turn, sources: event.sources };
    case 'usage':
      return { ...turn, usage: event.usage };
  }
}

/** The last call with more of its arguments; a piece before any call has nowhere to go. */
const continued = (calls: readonly TurnCall[], text: string): readonly TurnCall[] =>
  calls.map((call, index) => (index === calls.length - 1 ? { ...call, arguments: call.arguments + text } : call));

/** All turns after an action; unknown ids change nothing. */
export function reduceTurns(turns: readonly Turn[], action: TurnAction): readonly Turn[] {
  switch (action.type) {
    case 'ask':
      return [...turns, newTurn(action.id, action.question, action.ask)];
    case 'event':
      return turns.map((turn) => (turn.id === action.id ? applyEvent(turn, action.event, action.elapsedMs) : turn));
    case 'end':
      return turns.map((turn) => (turn.id === action.id ? { ...turn, state: action.state, totalMs: action.elapsedMs, error: action.error } : turn));
    case 'clear':
      return [];
  }
}

/** What the model is told of the conversation: every turn that has an answer, then the new question. */
export function messagesFor(turns: readonly Turn[], question: string): readonly AskMessage[] {
  return [
    ...turns.flatMap((turn): AskMessage[] =>
      turn.answer === ''
        ? []
        : [
            { role: 'user', content: turn.question },
            { role: 'assistant', content: turn.answer },
          ],
    ),
    { role: 'user', content: question },
  ];
}
