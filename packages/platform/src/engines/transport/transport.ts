import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { WireFormat } from '#formats';
import { createUpstream, type UpstreamReply, type UpstreamWatch } from '#http';
import { amendRequest } from '../amend-request.ts';
import type { Continuation } from '../continuation/continuation.ts';
import type { Engine, EngineOperation, EngineReply, EngineRequest } from '../engine.ts';
import type { PassOperation } from '../pass-request.ts';
import type { Authorize } from './authorize.ts';
import { checkPass } from './check-pass.ts';
import { checkReply } from './check-reply.ts';
import { hideSecrets, removeSecrets, secretsOf } from './hide-secrets.ts';
import { createStreamTail } from './stream-tail.ts';

/** What every engine behind HTTP is told. */
export interface TransportOptions {
  /** Unique in the platform. */
  readonly endpoint: string;
  /** Name of the Model resource. */
  readonly model: string;
  readonly provider: string;
  readonly servedName: string;
  readonly simulated?: boolean;
  /** Up to and with the version, for example `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly operations?: readonly EngineOperation[];
  /** Longest wait for the status line, and longest silence after it. */
  readonly timeoutMs: number;
  readonly connectTimeoutMs?: number;
  /** Whether and how it goes on with an answer that has begun elsewhere. */
  readonly continuation?: Continuation | undefined;
}

/** Where a call goes. */
interface Target {
  /** As it stands on the wire, with its query. */
  readonly path: string;
  /** In place of the body of the request. */
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TransportPlan {
  readonly speaks: readonly WireFormat[];
  /** Undefined for what the provider does not offer. `prefix` is the path of the base URL, without a slash at its end. */
  target(request: EngineRequest & { readonly format: WireFormat }, prefix: string): Target | undefined;
  pass?(operation: PassOperation, prefix: string): Omit<Target, 'body'> | undefined;
  readonly authorize?: Authorize;
}

/** One kept pool of connections to one address of a provider: bytes in, bytes out; only what marks a failure is looked at. */
export function createTransport(options: TransportOptions, plan: TransportPlan): Engine {
  const url = new URL(options.baseUrl);
  const prefix = url.pathname.replace(/\/+$/, '');
  const upstream = createUpstream({
    origin: url.origin,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    headersTimeoutMs: options.timeoutMs,
    bodyTimeoutMs: options.timeoutMs,
  });
  const refusal = (what: string): PlatformError => new PlatformError('not_supported', { message: `model "${options.model}" does not offer ${what}` });
  let running = 0;
  /** Headers of the latest request: a provider may repeat them in its errors. */
  let latest: Readonly<Record<string, string>> = {};

  interface Sending {
    readonly path: string;
    readonly body: () => Uint8Array | AsyncIterable<Uint8Array>;
    /** In place of the body, where nobody needs it whole. */
    readonly pieces?: readonly Uint8Array[] | undefined;
    readonly contentType: string;
    readonly headers: Readonly<Record<string, string>>;
    /** How it is cancelled; looked at only where it must be, since making a signal costs. */
    readonly cancel: Pick<EngineRequest, 'signal' | 'onAbort'>;
    readonly watch?: UpstreamWatch;
  }

  interface Sent {
    readonly reply: UpstreamReply;
    /** What was sent with it, credentials included. */
    readonly headers: Readonly<Record<string, string>>;
  }

  const send = async (sending: Sending): Promise<Sent> => {
    running += 1;
    const { path, contentType, cancel } = sending;
    let credentials: Readonly<Record<string, string>> | undefined;
    if (plan.authorize !== undefined) {
      try {
        credentials = await plan.authorize.headers({ method: 'POST', host: url.host, path, contentType, body: sending.body() }, cancel.signal);
      } catch (error) {
        running -= 1;
        throw error;
      }
    }
    const headers = { ...options.headers, ...sending.headers, ...credentials, 'content-type': contentType };
    latest = headers;
    const reply = await upstream.request({
      method: 'POST',
      path,
      headers,
      body: sending.pieces ?? sending.body(),
      cancel,
      watch: {
        ...sending.watch,
        finish: () => {
          running -= 1;
        },
      },
    });
    return { reply, headers };
  };

  /** Credentials that the provider refused are not offered again. */
  const checked = ({ reply, headers }: Sent, check: (reply: UpstreamReply) => EngineReply): EngineReply => {
    try {
      return reply.status < 400 ? check(reply) : hideSecrets(check(reply), secretsOf(headers));
    } catch (error) {
      if (isPlatformError(error, 'upstream_credentials')) plan.authorize?.refused();
      throw error;
    }
  };

  const call = async (request: EngineRequest): Promise<EngineReply> => {
    if (options.operations?.includes(request.operation) === false) throw refusal(request.operation);
    const format = request.format ?? DEFAULT_FORMATS[request.operation];
    const target = plan.target(hasFormat(request) ? request : { ...amendRequest(request, {}), format }, prefix);
    if (target === undefined) throw refusal(request.operation === 'chat' ? `chat in the format ${format}` : request.operation);
    const sent = await send({
      path: target.path,
      body: () => target.body ?? request.body,
      ...(target.body === undefined && request.pieces !== undefined ? { pieces: request.pieces } : {}),
      contentType: 'application/json',
      headers: target.headers === undefined ? request.headers : { ...target.headers, ...request.headers },
      cancel: request,
      ...(request.stream ? { watch: createStreamTail(options.endpoint, format) } : {}),
    });
    return checked(sent, (reply) => checkReply(reply, options));
  };

  return {
    endpoint: options.endpoint,
    model: options.model,
    provider: options.provider,
    servedName: options.servedName,
    simulated: options.simulated ?? false,
    speaks: plan.speaks,
    ...(options.continuation === undefined ? {} : { continues: options.continuation }),
    call,
    pass: async (request) => {
      const target = plan.pass?.(request.operation, prefix);
      if (target === undefined) throw refusal(request.operation);
      const { body, contentType } = request;
      const sent = await send({ path: target.path, body: () => body, contentType, headers: { ...target.headers, ...request.headers }, cancel: request });
      return checked(sent, (reply) => checkPass(reply, options));
    },
    clean: (words) => removeSecrets(words, secretsOf(latest)),
    load: () => ({ running, waiting: 0 }),
    close: async () => {
      await Promise.all([upstream.close(), plan.authorize?.close()]);
    },
  };
}

const hasFormat = (request: EngineRequest): request is EngineRequest & { readonly format: WireFormat } => request.format !== undefined;

const DEFAULT_FORMATS: Readonly<Record<EngineOperation, WireFormat>> = {
  chat: 'openai-chat',
  completions: 'openai-completions',
  embeddings: 'openai-chat',
};
