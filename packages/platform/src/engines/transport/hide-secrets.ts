import type { EngineReply } from '../engine.ts';

const SECRET_NAMES = /auth|key|token|secret|cookie/i;
/** Shorter words could stand in any message by chance. */
const MIN_LENGTH = 6;
/** More than any error message; what is longer is cut. */
const MAX_BYTES = 1024 * 1024;

/** The words of the sent headers that must not come back: keys, tokens, signatures. */
export function secretsOf(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers)
    .filter(([name]) => SECRET_NAMES.test(name))
    .flatMap(([, value]) => value.split(/[\s,;]+/))
    .filter((word) => word.length >= MIN_LENGTH)
    .sort((left, right) => right.length - left.length);
}

/** A provider's words without the secrets that it was sent. */
export const removeSecrets = (text: string, secrets: readonly string[]): string => secrets.reduce((left, secret) => left.replaceAll(secret, '[removed]'), text);

/** An answer with an error status without the secrets that a provider may repeat in it ("Incorrect API key provided: …"). */
export function hideSecrets(reply: EngineReply, secrets: readonly string[]): EngineReply {
  if (reply.status < 400 || secrets.length === 0) return reply;
  const { 'content-length': _changed, ...headers } = reply.headers;
  return { status: reply.status, headers, body: cleaned(reply.body, secrets) };
}

async function* cleaned(body: AsyncIterable<Uint8Array>, secrets: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_BYTES) break;
  }
  const whole = Buffer.concat(chunks).subarray(0, MAX_BYTES);
  // As Latin-1, so that bytes of any encoding come out as they went in.
  const text = whole.toString('latin1');
  const clean = removeSecrets(text, secrets);
  yield clean === text ? whole : Buffer.from(clean, 'latin1');
}
