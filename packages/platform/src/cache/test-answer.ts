import { ZERO_USAGE } from '@maru/api/records';
import type { CachedAnswer } from './cached-answer.ts';
import type { CacheRequest } from './request-key.ts';

/** An answer with this text. */
export const answerOf = (text: string, more: Partial<CachedAnswer> = {}): CachedAnswer => ({
  model: 'sim-8b',
  endpoint: 'sim-8b-0',
  provider: 'twin',
  servedName: 'sim',
  simulated: true,
  contentType: 'application/json',
  createdMs: 1_800_000_000_000,
  costNanoUsd: 5000,
  usage: { ...ZERO_USAGE, inputTokens: 10, outputTokens: 5 },
  pieces: [{ afterMs: 0, bytes: Buffer.from(text) }],
  ...more,
});

export const textOf = (answer: CachedAnswer): string => Buffer.concat(answer.pieces.map((piece) => piece.bytes)).toString();

/** A chat with one question. */
export const asking = (question: string, more: Partial<CacheRequest> = {}): CacheRequest => ({
  tenant: 'team-a',
  keyId: 'key_1',
  model: 'auto',
  operation: 'chat',
  body: { model: 'auto', messages: [{ role: 'user', content: question }] },
  ...more,
});
