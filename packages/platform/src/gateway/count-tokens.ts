import type { EngineReply } from '#engines';
import type { Call } from './call.ts';

/** An answer of our own to a question for the number of tokens. */
export function countedTokens(call: Call): EngineReply {
  const tokens = Math.max(call.request.promptTokens, Math.ceil(call.request.bytes.length / 4));
  const body = call.door.format === 'gemini' ? { totalTokens: tokens } : { input_tokens: tokens };
  return { status: 200, headers: { 'content-type': 'application/json' }, body: once(Buffer.from(JSON.stringify(body))) };
}

/** What is to be said about that answer. */
export const countWarning = (call: Call): string =>
  `the engine of "${call.target.name}" can not count tokens for this format; the number is estimated from the length of the request`;

async function* once(bytes: Buffer): AsyncGenerator<Buffer, void, undefined> {
  yield bytes;
}
