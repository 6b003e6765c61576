import { PlatformError } from '@maru/api/errors';
import type { UpstreamReply } from '#http';
import type { EngineReply } from '../engine.ts';
import type { CheckReplyOptions } from './check-reply.ts';

/** Headers of an upstream that mean something to the gateway; all others stay behind. */
const KEPT = ['content-type', 'content-length', 'retry-after', 'openai-processing-ms'] as const;

/**
 * Checks an answer that need not be JSON: a picture, sound, subtitles. Throws `upstream_credentials` for 401 and 403, `upstream_garbage`
 * for redirects and pages; every other answer is returned as it is.
 */
export function checkPass(reply: UpstreamReply, { endpoint, model }: CheckReplyOptions): EngineReply {
  const { status, body } = reply;
  const details = { endpoint, upstreamStatus: status };
  if (status === 401 || status === 403) {
    body.cancel();
    throw new PlatformError('upstream_credentials', {
      message: `${endpoint} refused the credentials of the platform (status ${status}); set a valid key for model "${model}"`,
      details,
    });
  }
  const headers: Record<string, string> = {};
  for (const name of KEPT) {
    const value = reply.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  if ((status >= 300 && status < 400) || headers['content-type']?.startsWith('text/html') === true) {
    body.cancel();
    throw new PlatformError('upstream_garbage', {
      message: `${endpoint} answered with status ${status} and a page; check that the address of model "${model}" belongs to a model server`,
      details,
    });
  }
  return { status, headers, body };
}
