import { PlatformError } from '@maru/api/errors';
import type { Upstream, UpstreamReply } from '#http';
import type { EngineReply } from '../engine.ts';
import type { PassOperation, PassRequest } from '../pass-request.ts';

export interface PassOptions {
  readonly upstream: Upstream;
  /** Path of the base URL, without a slash at its end. */
  readonly prefix: string;
  /** Credentials and further headers of the server. */
  readonly headers: Readonly<Record<string, string>>;
  readonly endpoint: string;
  readonly model: string;
  /** Told when a call begins; returns what is called when it has ended. */
  readonly count: () => () => void;
}

const PATHS: Readonly<Partial<Record<PassOperation, string>>> = {
  moderations: '/moderations',
  images: '/images/generations',
  'image-edits': '/images/edits',
  speech: '/audio/speech',
  transcriptions: '/audio/transcriptions',
  translations: '/audio/translations',
  rerank: '/rerank',
  score: '/score',
};
/** vLLM serves these beside its `/v1`. */
const ROOT_PATHS: Readonly<Partial<Record<PassOperation, string>>> = { tokenize: '/tokenize', detokenize: '/detokenize' };

/** Headers of an upstream that mean something to the gateway; all others stay behind. */
const KEPT = ['content-type', 'content-length', 'retry-after', 'openai-processing-ms'] as const;

/**
 * Passes operations on whose answers are not always JSON: pictures, sound, subtitles. Throws `not_supported`, `upstream_credentials` for
 * 401 and 403, `upstream_garbage` for redirects and pages; every other answer is returned as it is.
 */
export function createPass(options: PassOptions): (request: PassRequest) => Promise<EngineReply> {
  return async (request) => {
    const path = pathOf(options.prefix, request.operation);
    if (path === undefined) throw new PlatformError('not_supported', { message: `model "${options.model}" does not offer ${request.operation}` });
    const finish = options.count();
    const reply = await options.upstream.request({
      method: 'POST',
      path,
      headers: { ...options.headers, ...request.headers, 'content-type': request.contentType },
      body: request.body,
      signal: request.signal,
      watch: { finish },
    });
    return checkPass(reply, options);
  };
}

function pathOf(prefix: string, operation: PassOperation): string | undefined {
  const root = ROOT_PATHS[operation];
  if (root !== undefined) return prefix.replace(/\/v\d+$/, '') + root;
  const path = PATHS[operation];
  return path === undefined ? undefined : prefix + path;
}

function checkPass(reply: UpstreamReply, { endpoint, model }: PassOptions): EngineReply {
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
