import type { IncomingMessage, ServerResponse } from 'node:http';
import { PlatformError } from '@maru/api/errors';
import { clientSignal, createUpstream, readBody, sendError, type Upstream, type UpstreamRequest } from '#http';
import type { PassThroughRule } from '#resources';
import type { Log } from '#telemetry';
import type { Ids } from '#time';
import type { Authenticator, Awaitable, Principal } from '../ports.ts';
import { readCredentials } from '../read-credentials.ts';
import { forwardAnswer } from './forward-answer.ts';
import { targetOf } from './pass-through-rule.ts';
import { requestHeaders } from './request-headers.ts';

/** What a passed request has cost; asked for before it leaves, said once when it has ended. */
export interface PassThroughMeter {
  /** Throws `rate_limited` or `quota_exceeded`, and then holds nothing. */
  admit(request: {
    readonly requestId: string;
    readonly principal: Principal;
    readonly rule: PassThroughRule;
  }): Awaitable<{ readonly headers: Readonly<Record<string, string>>; settle(outcome: 'ok' | 'cancelled' | 'error'): void; release(): void }>;
}

export interface PassThroughOptions {
  readonly authenticator: Authenticator;
  readonly meter: PassThroughMeter;
  /** Those in force now. */
  readonly rules: () => readonly PassThroughRule[];
  readonly ids: Ids;
  readonly log: Log;
  readonly maxBodyBytes: number;
}

/** Paths that stand for addresses elsewhere: with a key of the platform, its limits and a price for each request. */
export interface PassThrough {
  /** False for a path of nobody. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  close(): Promise<void>;
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 600_000;

export function createPassThrough(options: PassThroughOptions): PassThrough {
  const { authenticator, meter, rules, ids, log, maxBodyBytes } = options;
  const upstreams = new Map<string, Upstream>();
  const upstreamAt = (origin: string): Upstream => {
    let upstream = upstreams.get(origin);
    if (upstream === undefined) {
      // It refuses the metadata service of a cloud, and follows no redirect.
      upstream = createUpstream({ origin, connectTimeoutMs: CONNECT_MS, headersTimeoutMs: SILENCE_MS, bodyTimeoutMs: SILENCE_MS });
      upstreams.set(origin, upstream);
    }
    return upstream;
  };

  const pass = async (rule: PassThroughRule, target: URL, { request, response }: { request: IncomingMessage; response: ServerResponse }): Promise<void> => {
    const method = request.method ?? 'GET';
    if (!rule.methods.includes(method)) throw new PlatformError('method_not_allowed', { message: `${rule.path} takes ${rule.methods.join(', ')}` });
    const requestId = ids.next('req');
    const principal = await authenticator.authenticate(readCredentials(request.headers));
    const signal = clientSignal(request, response);
    const body = method === 'GET' ? undefined : await readBody(request, maxBodyBytes);
    const held = await meter.admit({ requestId, principal, rule });
    let ended = false;
    let answered = false;
    try {
      const reply = await upstreamAt(target.origin).request({
        method: method as UpstreamRequest['method'],
        path: target.pathname + target.search,
        headers: { ...requestHeaders(request.headers, rule), 'x-request-id': requestId },
        body: body === undefined || body.length === 0 ? undefined : body,
        cancel: { signal },
      });
      // What the service refuses costs nothing; what it answers is paid for, also when the client goes.
      answered = reply.status < 400;
      await forwardAnswer(reply, response, {
        headers: { ...held.headers, 'x-request-id': requestId },
        beforeEnd: () => {
          ended = answered;
          if (answered) held.settle('ok');
        },
      });
    } finally {
      if (!ended && answered) held.settle(signal.aborted ? 'cancelled' : 'error');
      else if (!ended) held.release();
    }
  };

  return {
    async handle(request, response) {
      const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
      let found: { rule: PassThroughRule; target: URL } | undefined;
      for (const rule of rules()) {
        const target = targetOf(rule, pathname, search);
        if (target !== undefined && (found === undefined || rule.path.length > found.rule.path.length)) found = { rule, target };
      }
      if (found === undefined) return false;
      try {
        await pass(found.rule, found.target, { request, response });
      } catch (thrown) {
        log.info({ path: found.rule.path, err: thrown }, 'a passed request failed');
        if (response.headersSent) response.destroy();
        else sendError(response, thrown);
      }
      return true;
    },
    async close() {
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()));
    },
  };
}
