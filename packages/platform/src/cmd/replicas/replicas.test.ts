import { afterEach, describe, expect, it } from 'vitest';
import { createHttpServer } from '#http';
import { createRouter, promptFacts, type Router, type RouterEndpoint } from '#router';
import { silentLog } from '#telemetry';
import { createSeededIds, createSystemClock } from '#time';
import { createExchangeHub, type ExchangeHub } from './exchange-hub.ts';
import { followPeers } from './follow-peers.ts';
import { EXCHANGE_PATH, serveExchange } from './serve-exchange.ts';

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const KEY = 'sk-master-of-all';
const clock = createSystemClock();
const endpoints: readonly RouterEndpoint[] = ['x', 'y', 'z'].map((endpoint) => ({ endpoint, load: () => ({ running: 0, waiting: 0 }) }));

interface Replica {
  readonly router: Router;
  readonly hub: ExchangeHub;
  readonly url: string;
  listenTo(urls: readonly string[], key?: string): void;
}

async function startReplica(number: number): Promise<Replica> {
  const ids = createSeededIds(number);
  const router = createRouter({ clock, ids });
  const hub = createExchangeHub({ exchange: router.exchange, id: `replica ${number}`, clock, log: silentLog });
  const served = serveExchange(hub, KEY);
  const server = await createHttpServer({ host: '127.0.0.1', port: 0, clock, drainMs: 0, handler: (request, response) => served.handle(request, response) });
  closers.push(
    () => server.close(),
    () => served.close(),
    () => hub.close(),
  );
  return {
    router,
    hub,
    url: server.url,
    listenTo: (peers, masterKey = KEY) => {
      const following = followPeers({ peers, hub, masterKey, clock, ids, log: silentLog });
      closers.push(() => following.close());
    },
  };
}

/** Waits for a state, however long a slow machine takes. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo() && turn < 6000; turn += 1) await clock.sleep(10);
  expect(isSo()).toBe(true);
}

const promptOf = (number: number) => promptFacts({ promptBytes: Buffer.from(`${number} `.repeat(3000)), maxTokens: 10, value: () => ({}) });
const pick = ({ router }: Replica, prompt: number, policy = 'maru') =>
  router.pickEndpoint({ requestId: `r${prompt}`, policy, traceId: '', route: 'm', model: 'm', facts: promptOf(prompt), tellsFirstToken: true }, endpoints);

async function startFour(): Promise<readonly [Replica, Replica, Replica, Replica]> {
  const all = [await startReplica(1), await startReplica(2), await startReplica(3), await startReplica(4)] as const;
  for (const replica of all) replica.listenTo(all.map(({ url }) => url));
  await until(() => all.every(({ router }) => router.exchange.peers().length === 3));
  return all;
}

describe('four replicas of the router over real sockets', () => {
  it('send what belongs together to one endpoint, whichever of them decides', { timeout: 90_000 }, async () => {
    const all = await startFour();
    const homes = new Map<number, string>();
    for (let prompt = 0; prompt < 6; prompt += 1) {
      const replica = all[prompt % 4] as Replica;
      const { endpoint, decision } = pick(replica, prompt);
      homes.set(prompt, endpoint.endpoint);
      replica.router.observe(decision.id, { outcome: 'ok' });
    }
    await until(() => all.every(({ router }) => [...homes].every(([prompt, home]) => (router.holders(promptOf(prompt).blockHashes(), [home])[0] ?? 0) > 0)));

    for (const [prompt, home] of homes)
      for (const replica of all) {
        const { endpoint, decision } = pick(replica, prompt);
        expect(endpoint.endpoint).toBe(home);
        expect(decision.expectedCachedTokens).toBeGreaterThan(0);
        replica.router.observe(decision.id, { outcome: 'ok' });
      }
  });

  it('spread a burst as one router would, because each sees the load of all', { timeout: 90_000 }, async () => {
    const all = await startFour();
    const counts: Record<string, number> = {};
    for (let number = 0; number < 12; number += 1) {
      const { endpoint } = pick(all[number % 4] as Replica, 100 + number, 'least-request');
      counts[endpoint.endpoint] = (counts[endpoint.endpoint] ?? 0) + 1;
      await until(() => all.every(({ router }, index) => number + 1 === heardInFlight(router) + ownInFlight(number, index)));
    }

    expect(counts).toEqual({ x: 4, y: 4, z: 4 });
  });

  it('learn how fast an endpoint is from the requests of all', { timeout: 90_000 }, async () => {
    const [first, ...others] = await startFour();
    const rateAt = ({ router }: Replica, name: string): number | undefined => router.calibration().find(({ endpoint }) => endpoint === name)?.rates.stepMs;
    const { endpoint, decision } = pick(first, 1);
    const guess = rateAt(first, endpoint.endpoint);
    first.router.firstToken(decision.id);
    const startMs = clock.monotonicMs();
    await until(() => clock.monotonicMs() > startMs);
    first.router.observe(decision.id, { outcome: 'ok', outputTokens: 20_000 });

    const learned = rateAt(first, endpoint.endpoint);
    expect(learned).not.toBe(guess);
    await until(() => others.every((replica) => Math.abs((rateAt(replica, endpoint.endpoint) ?? 0) - (learned ?? 0)) < 0.01));
  });

  it('tell one that comes late what it has missed', { timeout: 90_000 }, async () => {
    const first = await startReplica(1);
    const { endpoint, decision } = pick(first, 1);
    first.router.observe(decision.id, { outcome: 'ok' });
    const late = await startReplica(2);

    late.listenTo([first.url]);

    await until(() => (late.router.holders(promptOf(1).blockHashes(), [endpoint.endpoint])[0] ?? 0) > 0);
  });

  it('tell nothing to who has not the key', async () => {
    const { url } = await startReplica(1);

    const refused = await fetch(url + EXCHANGE_PATH, { headers: { authorization: 'Bearer sk-other' } });
    expect([refused.status, (await fetch(url + EXCHANGE_PATH)).status]).toEqual([401, 401]);
  });
});

describe('a hub', () => {
  it('passes on to others of its machine what comes from elsewhere, and to all what comes from them', async () => {
    const main = await startReplica(1);
    const worker = createRouter({ clock, ids: createSeededIds(9) });
    worker.exchange.begin('worker');
    const heard: [string, string][] = [];
    const listener = (name: string, local: boolean) => ({
      local,
      send: (line: string) => void heard.push([name, (JSON.parse(line) as { from: string }).from]),
    });
    const [own, other, remote] = [listener('own', true), listener('other', true), listener('remote', false)];
    for (const each of [own, other, remote]) main.hub.join(each);
    const byWorker = (): string[] => heard.filter(([, from]) => from === 'worker').map(([name]) => name);

    const line = worker.exchange.next() ?? '';
    main.hub.hear(line, own);
    main.hub.hear(line, other);
    expect(byWorker()).toEqual(['other', 'remote']);
    main.hub.hear('garbage');
    main.hub.hear(worker.exchange.whole()[0] ?? '');

    expect(byWorker()).toEqual(['other', 'remote', 'own', 'other']);
  });
});

const heardInFlight = (router: Router): number => router.exchange.peers().reduce((sum, { inFlight }) => sum + inFlight, 0);
/** Requests that the replica of a place has sent itself, after so many were sent in turn. */
const ownInFlight = (last: number, place: number): number => Math.floor((last - place) / 4) + 1;
