import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { routeKind } from '@maru/api/resources';
import { createAnswerCache, createMemoryStore } from '#cache';
import { compileGuardrails, type GuardrailPorts } from '#guardrails';
import { silentLog } from '#telemetry';
import { type Clock, createSeededIds, createSystemClock } from '#time';
import { createGateway } from '../gateway.ts';
import type { CallCachePolicy, GatewayPorts } from '../ports.ts';
import { createTestPorts, type PortLog, TEST_KEY, type TestPortsOptions } from './test-gateway.ts';

export interface GuardedGatewayOptions extends TestPortsOptions {
  readonly cache?: Partial<CallCachePolicy>;
  readonly guardrails?: readonly object[];
  readonly stored?: GatewayPorts['stored'];
  readonly clock?: Clock;
}

export interface GuardedGateway {
  readonly url: string;
  readonly log: PortLog;
  send(path: string, init?: RequestInit & { key?: string }): Promise<Response>;
  chat(body: object, init?: RequestInit & { key?: string }): Promise<Response>;
  close(): Promise<void>;
}

const noPorts: GuardrailPorts = {
  embedder: () => ({ embed: () => Promise.resolve(Float32Array.from([1])) }),
  resolveSecret: () => undefined,
  post: () => Promise.reject(new TypeError('nobody is there')),
};

/** A gateway on the loopback whose only route has a cache and guardrails. */
export async function startGuardedGateway(options: GuardedGatewayOptions): Promise<GuardedGateway> {
  const { ports, log } = createTestPorts(options);
  const clock = options.clock ?? createSystemClock();
  const policy: CallCachePolicy = {
    store: 'memory',
    ttlMs: 60_000,
    scope: 'tenant',
    tools: false,
    singleFlight: true,
    maxAnswerBytes: 100_000,
    timed: false,
    chargePercent: 0,
    byDefault: true,
    ...options.cache,
  };
  const cache = createAnswerCache({ clock, log: silentLog, stores: { memory: createMemoryStore({ clock, maxBytes: 1_000_000 }) } });
  const rules = compileGuardrails(routeKind.spec.parse({ backends: [{ model: 'm' }], guardrails: options.guardrails ?? [] }).guardrails, noPorts);
  const gateway = createGateway(
    {
      ...ports,
      ...(options.cache === undefined ? {} : { cache: { cache, policyOf: () => policy } }),
      ...(options.guardrails === undefined ? {} : { guardrails: { rulesOf: () => rules } }),
      ...(options.stored === undefined ? {} : { stored: options.stored }),
    },
    { clock, ids: createSeededIds(7), log: silentLog },
  );
  const server = createServer((request, response) => void gateway.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const send: GuardedGateway['send'] = (path, { key, ...init } = {}) =>
    fetch(url + path, { ...init, headers: { authorization: `Bearer ${key ?? TEST_KEY}`, ...(init.headers as Record<string, string> | undefined) } });
  return {
    url,
    log,
    send,
    chat: (body, init = {}) =>
      send('/v1/chat/completions', {
        ...init,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string> | undefined) },
        body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'hi' }], ...body }),
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
