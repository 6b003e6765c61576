import { ZERO_USAGE } from '@maru/api/records';
import type { Agent } from '@maru/api/resources';
import { formatSse } from '#http';
import { toOpenAiUsage } from './read-usage.ts';
import type { RunEvent } from './run-events.ts';
import type { AgentOutput } from './run-result.ts';

export interface AnswerBase {
  readonly runId: string;
  readonly model: string;
  readonly createdS: number;
}

/** A run's answer as a chat completion; `sources` on the message is our extension. Without output the run waits for a person. */
export function answerObject(output: AgentOutput | undefined, base: AnswerBase): unknown {
  return {
    id: `chatcmpl-${base.runId}`,
    object: 'chat.completion',
    created: base.createdS,
    model: base.model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: output?.text ?? waitingText(base.runId), refusal: null, sources: output?.sources ?? [] },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: toOpenAiUsage(output?.usage ?? ZERO_USAGE),
  };
}

export interface AnswerEventsOptions extends AnswerBase {
  readonly agent: Agent;
  readonly includeUsage: boolean;
}

/** A run's answer as server-sent chunks: text as it comes, then the sources, then the usage where it was asked for. */
export async function* answerEvents(first: RunEvent | undefined, rest: AsyncIterable<RunEvent>, options: AnswerEventsOptions): AsyncGenerator<Uint8Array> {
  const chunk = (choices: readonly unknown[], usage?: unknown): Uint8Array =>
    Buffer.from(
      formatSse({
        data: JSON.stringify({
          id: `chatcmpl-${options.runId}`,
          object: 'chat.completion.chunk',
          created: options.createdS,
          model: options.model,
          choices,
          ...(usage === undefined ? {} : { usage }),
        }),
      }),
    );
  const delta = (fields: object, finish: string | null = null): Uint8Array => chunk([{ index: 0, delta: fields, finish_reason: finish }]);

  yield delta({ role: 'assistant', content: '' });
  let spoken: { index: number; text: string } | undefined;
  let output: AgentOutput | undefined;
  let ended = false;
  for await (const event of withFirst(first, rest)) {
    if (event.type === 'text-delta' && isAnswerText(event, options.agent)) {
      // Words before a tool call and words after it are two paragraphs.
      const gap = spoken !== undefined && spoken.index !== event.index ? '\n\n' : '';
      spoken = { index: event.index, text: (spoken?.index === event.index ? spoken.text : '') + event.text };
      yield delta({ content: gap + event.text });
    } else if (event.type === 'run-end') {
      if (event.run.state !== 'succeeded') {
        const error = event.run.error ?? { code: 'run_failed', message: `run ${options.runId} has ${event.run.state}` };
        yield Buffer.from(formatSse({ data: JSON.stringify({ error: { message: error.message, type: 'server_error', code: error.code, param: null } }) }));
        return;
      }
      ended = true;
      output = event.run.output as AgentOutput;
    }
  }
  const text = ended ? (output?.text ?? '') : waitingText(options.runId);
  if (spoken?.text !== text && text !== '') yield delta({ content: spoken === undefined ? text : `\n\n${text}` });
  yield delta({ sources: output?.sources ?? [] }, 'stop');
  if (options.includeUsage) yield chunk([], toOpenAiUsage(output?.usage ?? ZERO_USAGE));
  yield Buffer.from(formatSse({ data: '[DONE]' }));
}

/** A planner's and an evaluator's words are not the answer; those of an executor may be thrown away by the evaluator. */
const isAnswerText = (event: Extract<RunEvent, { type: 'text-delta' }>, agent: Agent): boolean =>
  event.kind === 'answer' || (event.kind === 'model' && agent.spec.graph === 'react');

async function* withFirst(first: RunEvent | undefined, rest: AsyncIterable<RunEvent>): AsyncGenerator<RunEvent> {
  if (first !== undefined) yield first;
  yield* rest;
}

const waitingText = (runId: string): string => `A person has to approve a tool call before this can go on. The run is ${runId}.`;
