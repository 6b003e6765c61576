import { readFileSync } from 'node:fs';
import { isPlatformError } from '@maru/api/errors';
import type { CanonicalAnswer } from '../../canonical/answer.ts';
import { AnswerCollector } from '../../canonical/answer-collector.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import type { CanonicalRequest } from '../../canonical/request.ts';
import type { AnswerContext } from '../../format.ts';
import { openaiResponses as format } from '../openai-responses.ts';

export const fixture = (name: string): Buffer => readFileSync(new URL(`./${name}`, import.meta.url));
export const answerOf = (name: string): CanonicalAnswer => format.decodeAnswer(JSON.parse(fixture(name).toString()));
export const decode = (body: object): CanonicalRequest => format.decodeRequest({ model: 'm', input: 'x', ...body }).request;
export const encode = (fields: Partial<CanonicalRequest>): ReturnType<typeof format.encodeRequest> => format.encodeRequest({ ...decode({}), ...fields });
export const context = (body: object = {}): AnswerContext => ({ id: 'abc', createdS: 1, request: decode(body) });
export const read = (stream: Buffer | string): CanonicalEvent[] => {
  const decoder = format.createStreamDecoder();
  return [...decoder.push(Buffer.from(stream)), ...decoder.end()];
};
export const collect = (stream: Buffer | string): AnswerCollector => {
  const collector = new AnswerCollector();
  for (const event of read(stream)) collector.take(event);
  return collector;
};
export const write = (events: readonly CanonicalEvent[], given = context()): string => {
  const encoder = format.createStreamEncoder(given);
  return events.map((event) => encoder.encode(event)).join('');
};
export interface Wire {
  readonly type: string;
  readonly sequence_number: number;
  readonly [name: string]: unknown;
}
export const eventsOf = (stream: string): Wire[] => [...stream.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1] ?? '') as Wire);
export const sse = (...events: object[]): string => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
export const paramOf = (body: unknown): unknown => {
  try {
    return format.decodeRequest(body);
  } catch (error) {
    return isPlatformError(error, 'invalid_request') ? error.details['param'] : error;
  }
};

