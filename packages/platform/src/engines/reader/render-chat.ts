import type { Usage } from '@maru/api/records';
import { toWireUsage } from '@maru/api/wire';
import { formatSse } from '#http';
import type { ChosenCall } from './choose-tool.ts';

/** A finished answer with what its wire form needs. */
export interface RenderedAnswer {
  readonly id: string;
  readonly createdS: number;
  readonly model: string;
  readonly operation: 'chat' | 'completions';
  readonly text: string;
  readonly call: (ChosenCall & { readonly id: string }) | undefined;
  readonly finishReason: 'stop' | 'length' | 'tool_calls';
  readonly usage: Usage;
}

const CHUNK = /\s*\S+/g;

/** The whole answer as one JSON object. */
export function renderWhole(answer: RenderedAnswer): unknown {
  const { id, createdS, model, call, finishReason } = answer;
  const usage = toWireUsage(answer.usage);
  if (answer.operation === 'completions')
    return {
      id,
      object: 'text_completion',
      created: createdS,
      model,
      choices: [{ index: 0, text: answer.text, logprobs: null, finish_reason: finishReason }],
      usage,
    };
  const message = {
    role: 'assistant',
    content: call === undefined ? answer.text : null,
    refusal: null,
    ...(call === undefined ? {} : { tool_calls: [toolCall(call)] }),
  };
  return { id, object: 'chat.completion', created: createdS, model, choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }], usage };
}

/** The answer as server-sent events, a word at a time. */
export function* renderEvents(answer: RenderedAnswer, includeUsage: boolean): Generator<string> {
  const frame = {
    id: answer.id,
    object: answer.operation === 'chat' ? 'chat.completion.chunk' : 'text_completion',
    created: answer.createdS,
    model: answer.model,
  };
  const event = (choices: readonly object[], usage?: object): string =>
    formatSse({ data: JSON.stringify({ ...frame, choices, ...(includeUsage ? { usage: usage ?? null } : {}) }) });
  if (answer.operation === 'completions') {
    for (const piece of piecesOf(answer.text)) yield event([{ index: 0, text: piece, logprobs: null, finish_reason: null }]);
    yield event([{ index: 0, text: '', logprobs: null, finish_reason: answer.finishReason }]);
  } else {
    const delta = (value: object, finishReason: string | null = null): string =>
      event([{ index: 0, delta: value, logprobs: null, finish_reason: finishReason }]);
    yield delta({ role: 'assistant', content: answer.call === undefined ? '' : null });
    if (answer.call !== undefined) yield delta({ tool_calls: [{ index: 0, ...toolCall(answer.call) }] });
    else for (const piece of piecesOf(answer.text)) yield delta({ content: piece });
    yield delta({}, answer.finishReason);
  }
  if (includeUsage) yield event([], toWireUsage(answer.usage));
  yield formatSse({ data: '[DONE]' });
}

function toolCall(call: ChosenCall & { readonly id: string }): object {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } };
}

function piecesOf(text: string): string[] {
  const pieces = text.match(CHUNK) ?? [];
  const rest = text.slice(pieces.join('').length);
  return rest === '' ? [...pieces] : [...pieces, rest];
}
