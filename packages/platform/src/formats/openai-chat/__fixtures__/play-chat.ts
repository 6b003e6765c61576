import { readFileSync } from 'node:fs';
import { isPlatformError } from '@maru/api/errors';
import type { CanonicalAnswer } from '../../canonical/answer.ts';
import { AnswerCollector } from '../../canonical/answer-collector.ts';
import type { CanonicalEvent } from '../../canonical/event.ts';
import type { CanonicalRequest } from '../../canonical/request.ts';
import type { AnswerContext } from '../../format.ts';
import { openaiChat as format } from '../openai-chat.ts';

export const fixture = (name: string): Buffer => readFileSync(new URL(`./${name}`, import.meta.url));
export const answerOf = (name: string): CanonicalAnswer => format.decodeAnswer(JSON.parse(fixture(name).toString()));
export const decode = (body: object): CanonicalRequest => format.decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'x' }], ...body }).request;
export const read = (stream: Buffer | string): CanonicalEvent[] => {
  const decoder = format.createStreamDecoder();
  return [...decoder.push(Buffer.from(stream)), ...decoder.end()];
};
export const collect = (stream: Buffer | string): AnswerCollector => {
  const collector = new AnswerCollector();
  for (const event of read(stream)) collector.take(event);
  return collector;
};
export const chunks = (...deltas: object[]): string =>
  `${deltas.map((delta) => `data: ${JSON.stringify({ id: 'chatcmpl-1', model: 'm', choices: [{ index: 0, delta }] })}\n\n`).join('')}data: [DONE]\n\n`;
export const context = (request: CanonicalRequest): AnswerContext => ({ id: 'abc', createdS: 1, request });
export const paramOf = (body: unknown): unknown => {
  try {
    return format.decodeRequest(body);
  } catch (error) {
    return isPlatformError(error, 'invalid_request') ? error.details['param'] : error;
  }
};

