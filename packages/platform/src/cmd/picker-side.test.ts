import { afterEach, describe, expect, it } from 'vitest';
import type { EndpointFleet } from '#endpoints';
import type { Picker } from '#picker';
import { createFlowControl, createRouter, promptFacts, type Router, type RouterEndpoint } from '#router';
import { silentLog } from '#telemetry';
import { createSeededIds, createSystemClock } from '#time';
import { pickerMetrics } from './picker-metrics.ts';
import { openPickerSide, type PickerSide } from './picker-side.ts';

const clock = createSystemClock();
const KEY = 'sk-master-of-pickers';
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The part of a fleet that metrics read. */
const fleet = {
  spec: { model: 'llama' },
  all: () => [{ name: '10.0.0.1:80' }, { name: '10.0.0.2:80' }],
  signals: (name: string) => (name === '10.0.0.1:80' ? { ageMs: 250, stale: false } : { ageMs: Number.POSITIVE_INFINITY, stale: true }),
  degradations: () => [{ name: 'metrics-silent', endpoint: '10.0.0.2:80' }],
} as unknown as EndpointFleet;
const picker: Pick<Picker, 'stats'> = { stats: { picked: 7, fallbacks: 1, refused: { no_endpoint: 2 }, pickMs: 3.5 } };
const endpoints: readonly RouterEndpoint[] = ['10.0.0.1:80', '10.0.0.2:80'].map((endpoint) => ({ endpoint, load: () => ({ running: 0, waiting: 0 }) }));

interface Opened extends PickerSide {
  readonly router: Router;
  readonly url: string;
}

async function open(seed: number, config: { readonly peers?: readonly string[]; readonly masterKey?: string | undefined } = {}): Promise<Opened> {
  const ids = createSeededIds(seed);
  const router = createRouter({ clock, ids });
  const side = await openPickerSide({
    ...{ router, clock, ids, log: silentLog, listen: '127.0.0.1:0' },
    config: { peers: config.peers ?? [], masterKey: 'masterKey' in config ? config.masterKey : KEY },
    families: () => pickerMetrics({ picker, pool: { endpoints: () => [] }, fleet, router, flow: createFlowControl(clock) }),
  });
  closers.push(side.close);
  return { ...side, router, url: `http://127.0.0.1:${side.port}` };
}

const promptOf = (number: number) => promptFacts({ promptBytes: Buffer.from(`${number} `.repeat(3000)), maxTokens: 10, value: () => ({}) });
const pick = ({ router }: Opened, number: number) =>
  router.pickEndpoint({ requestId: `r${number}`, traceId: '', route: 'm', model: 'm', policy: 'maru', facts: promptOf(number) }, endpoints);

/** Waits for a state, however long a slow machine takes. */
const until = (isSo: () => boolean): Promise<void> => expect.poll(isSo, { timeout: 60_000, interval: 10 }).toBe(true);

describe('what a picker has beside its port for gateways', () => {
  it('tells what it has done and what it does not know', async () => {
    const { url } = await open(1);
    const text = await (await fetch(`${url}/metrics`)).text();

    for (const line of [
      'maru_picker_picks_total 7',
      'maru_picker_fallbacks_total 1',
      'maru_picker_refused_total{code="no_endpoint"} 2',
      'maru_picker_pick_ms_total 3.5',
      'maru_picker_endpoints_found 2',
      'maru_picker_report_age_ms{endpoint="10.0.0.1:80"} 250',
      'maru_picker_report_stale{endpoint="10.0.0.2:80"} 1',
      'maru_endpoint_degraded{model="llama",endpoint="llama-10.0.0.2:80",name="metrics-silent"} 1',
    ])
      expect(text).toContain(`${line}\n`);
    expect(text).not.toContain('maru_picker_report_age_ms{endpoint="10.0.0.2:80"}');
  });

  it('lets two pickers know what each has sent where', { timeout: 90_000 }, async () => {
    const first = await open(1);
    const second = await open(2, { peers: [first.url] });
    const { endpoint, decision } = pick(first, 1);
    await until(() => second.router.exchange.peers().some(({ inFlight }) => inFlight === 1));
    await until(() => (second.router.holders(promptOf(1).blockHashes(), [endpoint.endpoint])[0] ?? 0) > 0);

    // Load of the other counts: a new prompt goes where nothing runs, a known one where it is cached.
    expect(pick(second, 2).endpoint.endpoint).not.toBe(endpoint.endpoint);
    first.router.observe(decision.id, { outcome: 'ok' });
    await until(() => second.router.exchange.peers().every(({ inFlight }) => inFlight === 0));
    expect(pick(second, 1).endpoint.endpoint).toBe(endpoint.endpoint);
  });

  it('tells nothing to who has not the key, and has no exchange without one', async () => {
    const path = '/internal/router/exchange';
    const [keyed, keyless] = [await open(1), await open(2, { masterKey: undefined })];

    expect((await fetch(keyed.url + path)).status).toBe(401);
    expect((await fetch(keyless.url + path, { headers: { authorization: `Bearer ${KEY}` } })).status).toBe(404);
    expect((await fetch(`${keyless.url}/metrics`)).status).toBe(200);
  });

  it('refuses peers without a key, and an address that is none', async () => {
    await expect(open(1, { peers: ['http://127.0.0.1:1'], masterKey: undefined })).rejects.toMatchObject({ code: 'config_invalid' });
    const ids = createSeededIds();
    const given = { router: createRouter({ clock, ids }), clock, ids, log: silentLog, config: { peers: [], masterKey: undefined }, families: () => [] };
    for (const listen of ['nowhere', '127.0.0.1', '127.0.0.1:99999', ':80'])
      await expect(openPickerSide({ ...given, listen })).rejects.toMatchObject({ code: 'config_invalid' });
    expect((await openPickerSide({ ...given, listen: undefined })).port).toBeUndefined();
  });
});
