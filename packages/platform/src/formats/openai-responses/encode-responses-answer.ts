import type { CanonicalAnswer, FinishReason } from '../canonical/answer.ts';
import { fitCustomCalls } from '../canonical/custom-calls.ts';
import type { AnswerContext } from '../format.ts';
import type { JsonObject } from '../json-value.ts';
import { toOutputItem } from './output-item.ts';
import { toResponseObject } from './response-object.ts';

/** The answer as a client of the Responses API expects it. */
export function encodeResponsesAnswer(answer: CanonicalAnswer, context: AnswerContext): JsonObject {
  const parts = fitCustomCalls(answer.parts, context.request.tools);
  const logprobsAt = parts.findIndex((part) => part.type === 'text');
  const output = parts.flatMap((part, index) => {
    const logprobs = index === logprobsAt ? answer.logprobs : undefined;
    const item = toOutputItem(part, { answerId: context.id, index, status: 'completed', logprobs });
    return item === undefined ? [] : [item];
  });
  const { model, usage, createdS, serviceTier } = answer;
  const end = toEnd(
    answer.finishReason,
    parts.some((part) => part.type === 'refusal'),
  );
  return toResponseObject({ ...end, model, usage, createdS, serviceTier, output }, context);
}

type End = { readonly status: 'completed' | 'incomplete' | 'failed'; readonly incompleteReason?: string; readonly error?: { code: string; message: string } };

/** The status that a finish reason means; a refusal in words is a complete answer, one without words was filtered. */
export function toEnd(reason: FinishReason, refusedInWords: boolean): End {
  switch (reason) {
    case 'length':
    case 'context':
      return { status: 'incomplete', incompleteReason: 'max_output_tokens' };
    case 'content-filter':
      return { status: 'incomplete', incompleteReason: 'content_filter' };
    case 'refusal':
      return refusedInWords ? { status: 'completed' } : { status: 'incomplete', incompleteReason: 'content_filter' };
    case 'error':
      return { status: 'failed', error: { code: 'server_error', message: 'the model ended its answer with an error' } };
    default:
      return { status: 'completed' };
  }
}
