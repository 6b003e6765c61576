import { createRouter, type PromptFacts, type Router } from '#router';
import { createFakeClock, createSeededIds, type FakeClock } from '#time';
import { createChooser, type ChooserOptions } from '../choose/choose-endpoint.ts';
import { DEFAULT_SATURATION } from '../choose/saturation.ts';
import { type Exchange, openExchange } from '../exchange/exchange.ts';
import type { PickTally } from '../pick-stats.ts';
import type { Pool, PoolEndpoint } from '../ports.ts';
import type { ProcessingRequest, ProcessingResponse } from '../wire/messages.ts';

/** A replica that reports what it is told to; nothing where no report is given. */
export const replica = (address: string, report?: { readonly waiting: number; readonly kvUse: number }): PoolEndpoint => ({
  endpoint: address,
  address,
  load: () => ({ running: 0, waiting: report?.waiting ?? 0, kvUse: report?.kvUse ?? 0 }),
  reported: () => report,
});

interface Ended {
  readonly address: string;
  readonly tokens: number | undefined;
}

/** A pool of replicas that do not change, and what it was told. */
export interface TestPool extends Pool {
  readonly began: string[];
  readonly ended: Ended[];
}

export function testPool(endpoints: readonly PoolEndpoint[], prepare: Pool['prepare'] = () => undefined): TestPool {
  const began: string[] = [];
  const ended: Ended[] = [];
  return {
    model: 'llama',
    began,
    ended,
    endpoints: () => endpoints,
    prepare,
    begin: (address) => void began.push(address),
    end: (address, { tokens }: { readonly facts: PromptFacts; readonly tokens: number | undefined }) => void ended.push({ address, tokens }),
  };
}

export interface TestExchange {
  readonly exchange: Exchange;
  readonly sent: ProcessingResponse[];
  readonly router: Router;
  readonly clock: FakeClock;
  readonly pool: TestPool;
  readonly picks: string[];
  /** Sends a whole request with headers of the client. */
  request(body: string | Buffer, headers?: Readonly<Record<string, string>>): Promise<void>;
  /** The proxy tells of an answer. */
  answer(status: number, body: string, more?: { readonly served?: string; readonly type?: string }): void;
}

/** One exchange on a real router with a clock that stands still; turns decide where nothing else does. */
interface TestOptions extends Partial<ChooserOptions> {
  readonly maxBodyBytes?: number;
  /** Shared by several exchanges; its own where absent. */
  readonly clock?: FakeClock;
}

/** One exchange on a real router with a clock that stands still; turns decide where nothing else does. */
export function testExchange(pool: TestPool, more: TestOptions = {}): TestExchange {
  const clock = more.clock ?? createFakeClock();
  const ids = createSeededIds();
  const router = more.router ?? createRouter({ clock, ids });
  const sent: ProcessingResponse[] = [];
  const picks: string[] = [];
  const chooser = createChooser({
    ...{ pool, ids, policy: 'round-robin', maxEndpoints: 1, saturation: DEFAULT_SATURATION, queue: undefined },
    objectives: { priorityOf: (name) => (name === 'sheddable' ? -1 : name === 'urgent' ? 5 : undefined) },
    ...more,
    ...{ clock, router },
  });
  const tally: PickTally = { picked: () => void picks.push('picked'), refused: () => void picks.push('refused'), moved: () => void picks.push('moved') };
  const deps = { pool, router, clock, chooser, maxBodyBytes: more.maxBodyBytes ?? 1_000_000, tally, queue: more.queue };
  const exchange = openExchange(deps, (response) => void sent.push(response));
  return {
    ...{ exchange, sent, router, clock, pool, picks },
    async request(body, headers = {}) {
      await exchange.receive(requestHeaders(headers));
      await exchange.receive({ requestBody: { body: Buffer.from(body), endOfStream: true } });
    },
    answer(status, body, { served, type = 'application/json' } = {}) {
      void exchange.receive({
        responseHeaders: { headers: { headers: [header(':status', String(status)), header('content-type', type)] } },
        ...(served === undefined ? {} : { metadataContext: lbMetadata('x-gateway-destination-endpoint-served', served) }),
      });
      void exchange.receive({ responseBody: { body: Buffer.from(body), endOfStream: true } });
    },
  };
}

const header = (key: string, value: string) => ({ key, rawValue: Buffer.from(value) });

const lbMetadata = (name: string, value: string): NonNullable<ProcessingRequest['metadataContext']> => ({
  filterMetadata: { 'envoy.lb': { fields: { [name]: { stringValue: value } } } },
});

/** The first message of an exchange. */
export const requestHeaders = (headers: Readonly<Record<string, string>>, more: Partial<ProcessingRequest> = {}): ProcessingRequest => ({
  requestHeaders: { headers: { headers: Object.entries({ ':path': '/v1/chat/completions', ...headers }).map(([key, value]) => header(key, value)) } },
  protocolConfig: { requestBodyMode: 4, responseBodyMode: 4 },
  ...more,
});

/** What the proxy is told in one header. */
export const toldHeader = (response: ProcessingResponse | undefined, name: string): string | undefined => {
  const mutation = response?.requestHeaders?.response?.headerMutation ?? response?.immediateResponse?.headers;
  const found = mutation?.setHeaders.find(({ header: { key } }) => key === name);
  return found === undefined ? undefined : Buffer.from(found.header.rawValue).toString();
};
