import { PlatformError } from '@maru/api/errors';
import type { UpstreamReply } from '#http';
import type { EngineReply } from '../engine.ts';

export interface CheckReplyOptions {
  readonly endpoint: string;
  readonly model: string;
}

/** Headers of an upstream that mean something to the gateway; all others stay behind. */
const KEPT = ['content-type', 'retry-after', 'x-request-id', 'request-id', 'openai-processing-ms', 'x-maru-cached-tokens', 'x-amzn-errortype'] as const;
const STREAMS = /^(text\/event-stream|application\/vnd\.amazon\.eventstream)/;

/**
 * Tells an answer of a model server from anything else. Throws `upstream_credentials` for 401 and 403, `upstream_garbage` for redirects,
 * HTML and other text; a plain-text 429 gets an error object, every other answer is returned as it is.
 */
export function checkReply(reply: UpstreamReply, options: CheckReplyOptions): EngineReply {
  const { status, body } = reply;
  const headers: Record<string, string> = {};
  for (const name of KEPT) {
    const value = reply.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  const type = headers['content-type'] ?? '';
  if (status === 401 || status === 403) {
    body.cancel();
    throw new PlatformError('upstream_credentials', {
      message: `${options.endpoint} refused the credentials of the platform (status ${status}); set a valid key for model "${options.model}"`,
      details: { endpoint: options.endpoint, upstreamStatus: status },
    });
  }
  if (status >= 200 && status < 300 && STREAMS.test(type)) return { status, headers, body };
  if (!(status >= 300 && status < 400) && (type === '' || type.includes('json'))) return { status, headers, body };
  body.cancel();
  if (status === 429) return plainRateLimit(headers, options);
  throw new PlatformError('upstream_garbage', {
    message: `${options.endpoint} answered with status ${status} and "${type}" instead of JSON; check that the address of model "${options.model}" belongs to a model server`,
    details: { endpoint: options.endpoint, upstreamStatus: status },
  });
}

function plainRateLimit(headers: Record<string, string>, options: CheckReplyOptions): EngineReply {
  const error = { message: `${options.endpoint} has reached the rate limit of its provider`, type: 'rate_limit_error', code: 'rate_limited', param: null };
  return { status: 429, headers: { ...headers, 'content-type': 'application/json' }, body: once(Buffer.from(JSON.stringify({ error }))) };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer, void, undefined> {
  yield bytes;
}
