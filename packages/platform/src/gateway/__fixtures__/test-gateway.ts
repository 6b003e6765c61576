import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PlatformError } from '@maru/api/errors';
import type { Span } from '@maru/api/records';
import { createOpenAiCompatibleEngine, type Engine } from '#engines';
import { silentLog } from '#telemetry';
import { type Clock, createSeededIds, createSystemClock } from '#time';
import { createGateway, type Gateway } from '../gateway.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';
import type { AdmissionRequest, Attempt, AttemptFailure, AttemptOutcome, CallWishes, CatalogueEntry, GatewayPorts, Plan, Principal, RequestFacts, SettleFacts } from '../ports.ts';
import type { Responses } from '../responses/responses.ts';

/** What the ports of a gateway under test were asked. */
export interface PortLog {
  readonly facts: RequestFacts[];
  readonly wishes: CallWishes[];
  readonly failures: (AttemptFailure | undefined)[];
  readonly outcomes: AttemptOutcome[];
  readonly shown: Attempt[];
  readonly admitted: AdmissionRequest[];
  readonly settled: SettleFacts[];
  released: number;
  readonly spans: Span[];
}

export interface TestPortsOptions {
  /** Tried in order. */
  readonly attempts: () => readonly Attempt[];
  readonly principals?: Readonly<Record<string, Principal>>;
  readonly entries?: readonly CatalogueEntry[];
  readonly deadlineMs?: number;
  readonly hedge?: Plan['hedge'];
  readonly mirror?: Attempt;
  readonly continuation?: Plan['continuation'];
  readonly idempotency?: Idempotency;
  readonly admit?: (request: AdmissionRequest) => { readonly headers?: Readonly<Record<string, string>> };
  readonly responses?: Responses;
  readonly settle?: (facts: SettleFacts) => { readonly costNanoUsd: number | null };
}

export const TEST_KEY = 'sk-test';

export const entryOf = (name: string, more: Partial<CatalogueEntry> = {}): CatalogueEntry => ({
  name,
  kind: 'model',
  simulated: false,
  ownedBy: 'maru',
  createdMs: 1_760_000_000_000,
  ...more,
});

/** Ports that keep everything in memory and remember it. */
export function createTestPorts(options: TestPortsOptions): { readonly ports: GatewayPorts; readonly log: PortLog } {
  const log: PortLog = { facts: [], wishes: [], failures: [], outcomes: [], shown: [], admitted: [], settled: [], released: 0, spans: [] };
  const principals = options.principals ?? { [TEST_KEY]: { tenant: 'default', keyId: 'key_1' } };
  const entries = options.entries ?? [entryOf('auto', { kind: 'route' }), entryOf('sim-8b'), entryOf('agent/guide', { kind: 'agent' })];
  const ports: GatewayPorts = {
    authenticator: {
      authenticate: (key) => {
        const principal = principals[key];
        if (principal === undefined) throw new PlatformError(key.includes('revoked') ? 'key_revoked' : 'unauthenticated', { message: 'the key is not valid' });
        return principal;
      },
    },
    catalogue: { list: () => entries, find: (name) => entries.find((entry) => entry.name === name) },
    placement: {
      plan: (facts, wishes) => {
        log.facts.push(facts);
        log.wishes.push(wishes);
        const attempts = [...options.attempts()];
        return {
          ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
          ...(options.hedge === undefined ? {} : { hedge: options.hedge }),
          ...(options.mirror === undefined ? {} : { mirror: options.mirror }),
          ...(options.continuation === undefined ? {} : { continuation: options.continuation }),
          next: (failure) => {
            log.failures.push(failure);
            return attempts.shift();
          },
        };
      },
      shown: (attempt) => void log.shown.push(attempt),
      observe: (outcome) => void log.outcomes.push(outcome),
    },
    admission: {
      admit: (request) => {
        log.admitted.push(request);
        return options.admit?.(request) ?? {};
      },
      settle: (_reservation, facts) => {
        log.settled.push(facts);
        return options.settle?.(facts) ?? { costNanoUsd: 1_500_000 };
      },
      release: () => {
        log.released += 1;
      },
    },
    tracer: { record: (...spans) => void log.spans.push(...spans) },
    ...(options.responses === undefined ? {} : { responses: options.responses }),
    ...(options.idempotency === undefined ? {} : { idempotency: options.idempotency }),
  };
  return { ports, log };
}

export interface TestGateway {
  readonly url: string;
  readonly gateway: Gateway;
  readonly log: PortLog;
  post(path: string, body: unknown, more?: { headers?: Record<string, string>; signal?: AbortSignal }): Promise<Response>;
  close(): Promise<void>;
}

/** A gateway on the loopback, over ports in memory. */
export async function startTestGateway(
  options: TestPortsOptions & { readonly clock?: Clock; readonly maxBodyBytes?: number; readonly uploadDir?: string; readonly captureContent?: boolean },
): Promise<TestGateway> {
  const { ports, log } = createTestPorts(options);
  const gateway = createGateway(ports, {
    clock: options.clock ?? createSystemClock(),
    ids: createSeededIds(7),
    log: silentLog,
    captureContent: options.captureContent ?? false,
    ...(options.uploadDir === undefined ? {} : { uploadDir: options.uploadDir }),
    ...(options.maxBodyBytes === undefined ? {} : { maxBodyBytes: options.maxBodyBytes }),
  });
  const server = createServer((request, response) => void gateway.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    gateway,
    log,
    post: (path, body, more = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json', ...more.headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...(more.signal === undefined ? {} : { signal: more.signal }),
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An engine that calls a server on the loopback. */
export const engineAt = (url: string, name = 'sim-8b-0'): Engine =>
  createOpenAiCompatibleEngine({
    endpoint: name,
    model: name.replace(/-\d+$/, ''),
    provider: 'openai-compatible',
    servedName: 'served-name',
    baseUrl: `${url}/v1`,
    timeoutMs: 10_000,
  });

export const attemptOf = (engine: Engine, more: Partial<Attempt> = {}): Attempt => ({ engine, model: engine.model, reason: 'the only replica', ...more });
