// CPU time and latency of Maru, whole and with everything on, beside bare proxies and other gateways, in one run and in turn.
import { runClosedLoad } from '../harness/closed-load.ts';
import { describeMachine } from '../harness/machine.ts';
import { resourcesFor, startMaru } from '../harness/maru.ts';
import { type Peer, startLiteLlm, startPortkey } from '../harness/peers.ts';
import { percentile } from '../harness/percentile.ts';
import { cpuUs, rssMb } from '../harness/process-figures.ts';
import { startChild } from '../harness/start-child.ts';
import { LOADS, type Load, requestOf } from './loads.ts';

const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 2 : 5;
const CONCURRENCY = 32;
/** LiteLLM answers some 90 requests in a second; more would measure patience. */
const SLOW_REQUESTS = 200;

interface Proxy {
  readonly name: string;
  readonly pid: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly stop: () => unknown;
}

interface Figures {
  readonly cpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const requestsTo = (proxy: Proxy, wanted: number): number => {
  const requests = Math.round(wanted * (quick ? 0.2 : 1));
  return proxy.name.startsWith('LiteLLM') ? Math.min(requests, SLOW_REQUESTS) : requests;
};

const warmUp = (proxy: Proxy, load: Load): Promise<unknown> =>
  runClosedLoad(proxy.url, requestOf(load, proxy.headers), { requests: requestsTo(proxy, load.warmUp), concurrency: CONCURRENCY });

async function measure(proxy: Proxy, load: Load): Promise<Figures> {
  const requests = requestsTo(proxy, load.requests);
  const request = requestOf(load, proxy.headers);
  await runClosedLoad(proxy.url, request, { requests: Math.ceil(requests / 5), concurrency: CONCURRENCY });
  const before = cpuUs(proxy.pid);
  const times = await runClosedLoad(proxy.url, request, { requests, concurrency: CONCURRENCY });
  return { cpuUs: (cpuUs(proxy.pid) - before) / requests, p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
}

/** The lowest CPU time of all rounds, because what else the machine does can only add to it; medians of the latencies. */
const summarise = (rounds: readonly Figures[]): Figures => ({
  cpuUs: Math.min(...rounds.map((each) => each.cpuUs)),
  p50Ms: percentile(
    rounds.map((each) => each.p50Ms),
    0.5,
  ),
  p99Ms: percentile(
    rounds.map((each) => each.p99Ms),
    0.5,
  ),
});

const bench = { authorization: 'Bearer sk-upstream' };
const mock = await startChild(new URL('./mock-upstream.ts', import.meta.url));
const bare = async (mode: 'pipe' | 'rewrite', name: string): Promise<Proxy> => ({
  name,
  headers: bench,
  ...(await startChild(new URL('./bare-proxy.ts', import.meta.url), mock.url, mode)),
});
const asProxy = (peer: Peer): Proxy => ({ ...peer, stop: () => peer.stop() });
const maru = await startMaru({ resources: resourcesFor(mock.url) });
const proxies: Proxy[] = [
  await bare('pipe', 'Bare proxy, bytes unseen'),
  await bare('rewrite', 'Bare proxy, JSON rewritten'),
  { name: 'Maru', pid: maru.pid, url: maru.url, headers: { authorization: `Bearer ${maru.key}` }, stop: maru.stop },
];
if (process.argv.includes('--peers')) proxies.push(asProxy(await startPortkey(mock.url)), asProxy(await startLiteLlm(mock.url)));

/** A bar and whether it was met; undefined where a peer did not run. */
const verdict = (what: string, value: number, bar: { readonly most?: number; readonly least?: number }): string => {
  const met = bar.most === undefined ? value >= (bar.least ?? 0) : value <= bar.most;
  return `| ${what} | ${value.toFixed(2)} | ${bar.most === undefined ? `≥ ${bar.least}` : `≤ ${bar.most}`} | ${met ? 'met' : 'MISSED'} |`;
};

try {
  console.log(`\n${describeMachine()}\n${CONCURRENCY} connections, ${ROUNDS} rounds each, in turn\n`);
  console.log('| Load | Gateway | CPU per request | × bare rewriting | p50 | p99 |\n|---|---|---|---|---|---|');
  const verdicts: string[] = [];
  const problems: string[] = [];
  for (const load of LOADS) {
    const rounds = new Map<Proxy, Figures[]>();
    const failed = new Map<Proxy, string>();
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const proxy of proxies) {
        if (failed.has(proxy)) continue;
        // A peer may not know a load at all; Maru and the bare proxies must.
        const measured = round === 0 ? warmUp(proxy, load).then(() => measure(proxy, load)) : measure(proxy, load);
        const figures = await measured.catch((error: unknown) => {
          if (proxy === proxies[2]) throw error;
          failed.set(proxy, (error as Error).message);
          return undefined;
        });
        if (figures !== undefined) rounds.set(proxy, [...(rounds.get(proxy) ?? []), figures]);
      }
    }
    const cpuOf = (name: string): number => {
      const found = proxies.find((proxy) => proxy.name.startsWith(name));
      return found === undefined ? Number.NaN : summarise(rounds.get(found) ?? []).cpuUs;
    };
    for (const proxy of proxies) {
      const { cpuUs: cpu, p50Ms, p99Ms } = summarise(rounds.get(proxy) ?? []);
      const row = failed.has(proxy)
        ? 'fails | – | – | –'
        : `${cpu.toFixed(0)} µs | ${(cpu / cpuOf('Bare proxy, JSON')).toFixed(2)} | ${p50Ms.toFixed(2)} ms | ${p99Ms.toFixed(2)} ms`;
      console.log(`| ${load.name} | ${proxy.name} | ${row} |`);
    }
    for (const [proxy, why] of failed) problems.push(`${proxy.name} fails on "${load.name}": ${why}`);
    const reference = load.bar.of === 'pipe' ? 'Bare proxy, bytes' : 'Bare proxy, JSON';
    verdicts.push(verdict(`${load.name}: Maru / ${reference.toLowerCase()}`, cpuOf('Maru') / cpuOf(reference), { most: load.bar.times }));
    for (const [peer, least] of Object.entries(load.better ?? {})) {
      if (!Number.isNaN(cpuOf(peer)) && Number.isFinite(cpuOf(peer)))
        verdicts.push(verdict(`${load.name}: ${peer} / Maru`, cpuOf(peer) / cpuOf('Maru'), { least }));
    }
  }
  console.log(`\n| Bar | Measured | Wanted | |\n|---|---|---|---|\n${verdicts.join('\n')}\n`);
  for (const problem of problems) console.log(problem);
  for (const proxy of proxies) console.log(`${proxy.name}: ${rssMb(proxy.pid).toFixed(0)} MB resident at the end`);
} finally {
  for (const proxy of proxies) await proxy.stop();
  mock.stop();
}
