import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';

/** CPU time and latency of Maru's gateway beside a bare proxy, in one run, each in a process of its own. */
interface Scenario {
  readonly name: string;
  readonly body: string;
  readonly requests: number;
}

interface Measure {
  readonly cpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 2 : 5;
const CONCURRENCY = 32;
const TICKS_PER_SECOND = 100;

const bodyOf = (bytes: number, more: object = {}): string => {
  const text = 'Summarise the following report for a reader in a hurry. "Quoted" words\nand new lines stand in it, too. ';
  return JSON.stringify({
    model: 'auto',
    messages: [
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: text.repeat(Math.ceil(bytes / text.length)).slice(0, bytes) },
    ],
    temperature: 0.2,
    max_tokens: 256,
    ...more,
  });
};

const scale = quick ? 0.2 : 1;
const SCENARIOS: readonly Scenario[] = [
  { name: '1 KB, plain', body: bodyOf(820), requests: 4000 * scale },
  { name: '60-chunk stream', body: bodyOf(820, { stream: true }), requests: 1000 * scale },
  { name: '400 KB prompt', body: bodyOf(400_000), requests: 250 * scale },
];

const start = (file: URL, ...args: string[]): Promise<{ child: ChildProcess; url: string }> =>
  new Promise((resolve, reject) => {
    const child = fork(file, args);
    child.once('error', reject);
    child.once('message', (address: { port: number }) => resolve({ child, url: `http://127.0.0.1:${address.port}` }));
  });

function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

async function load(pool: Pool, scenario: Scenario, requests: number): Promise<number[]> {
  const latencies: number[] = [];
  let left = requests;
  const body = Buffer.from(scenario.body);
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-bench' };
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const begin = performance.now();
      const reply = await pool.request({ method: 'POST', path: '/v1/chat/completions', headers, body });
      await reply.body.dump({ limit: 10_000_000 });
      if (reply.statusCode !== 200) throw new Error(`status ${reply.statusCode}`);
      latencies.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return latencies;
}

async function measure(pool: Pool, pid: number, scenario: Scenario): Promise<Measure> {
  await load(pool, scenario, Math.ceil(scenario.requests / 5));
  const before = cpuTicks(pid);
  const latencies = (await load(pool, scenario, scenario.requests)).sort((left, right) => left - right);
  const ticks = cpuTicks(pid) - before;
  const at = (share: number): number => latencies[Math.floor(share * (latencies.length - 1))] ?? Number.NaN;
  return { cpuUs: (ticks / TICKS_PER_SECOND / scenario.requests) * 1e6, p50Ms: at(0.5), p99Ms: at(0.99) };
}

const median = (values: readonly number[]): number => [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;

const mock = await start(new URL('./mock-upstream.ts', import.meta.url));
const proxies = [
  { name: 'bare proxy, bytes unseen', ...(await start(new URL('./bare-proxy.ts', import.meta.url), mock.url, 'pipe')) },
  { name: 'bare proxy, JSON rewritten', ...(await start(new URL('./bare-proxy.ts', import.meta.url), mock.url, 'rewrite')) },
  { name: 'Maru gateway', ...(await start(new URL('./maru-gateway.ts', import.meta.url), mock.url)) },
];

try {
  console.log(`\n${new Date().toISOString().slice(0, 10)} · ${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores · Node ${process.versions.node}`);
  console.log(
    `${CONCURRENCY} connections, ${ROUNDS} rounds each, in turn; CPU is the lowest user + system time of the proxy's process per request (what else\nthe machine does can only add to it), latencies are medians of the rounds and depend on the machine's other load\n`,
  );
  console.log('| Scenario | Proxy | CPU µs/request | × rewriting proxy | p50 ms | p99 ms |');
  console.log('|---|---|---|---|---|---|');
  for (const scenario of SCENARIOS) {
    const rounds = proxies.map((): Measure[] => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, proxy] of proxies.entries()) {
        const pool = new Pool(proxy.url, { connections: CONCURRENCY });
        rounds[index]?.push(await measure(pool, proxy.child.pid ?? 0, scenario));
        await pool.close();
      }
    }
    const cpu = rounds.map((list) => Math.min(...list.map((one) => one.cpuUs)));
    for (const [index, proxy] of proxies.entries()) {
      const list = rounds[index] ?? [];
      const ratio = ((cpu[index] ?? Number.NaN) / (cpu[1] ?? Number.NaN)).toFixed(2);
      const p50 = median(list.map((one) => one.p50Ms)).toFixed(2);
      const p99 = median(list.map((one) => one.p99Ms)).toFixed(2);
      console.log(`| ${scenario.name} | ${proxy.name} | ${cpu[index]?.toFixed(0)} | ${ratio} | ${p50} | ${p99} |`);
    }
  }
} finally {
  for (const { child } of [...proxies, mock]) child.kill();
}
