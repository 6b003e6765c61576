// Measures how long `maru up` takes from the start of its process until it serves, and how much memory it holds once everything was used.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PlatformProcess, startPlatformProcess } from '../../test/harness/platform-process.ts';

const RUNS = Number(process.argv[2] ?? 7);
const MODELS = 200;

/** A file with as many Models of vendors as a large company has, and a Route over each five of them. */
function largeConfig(folder: string): string {
  const models = Array.from(
    { length: MODELS },
    (_, index) => `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: { name: model-${index} }
spec:
  provider: { name: openai-compatible, model: served-${index}, baseUrl: "http://127.0.0.1:9/v1" }
  contextWindow: 131072
  capabilities: [chat, tools, vision]
  price: { inputUsdPerMillion: 0.5, outputUsdPerMillion: 1.5 }
`,
  );
  const routes = Array.from(
    { length: MODELS / 5 },
    (_, index) => `apiVersion: maru.dev/v1alpha1
kind: Route
metadata: { name: route-${index} }
spec:
  aliases: [alias-${index}]
  backends: [${[0, 1, 2, 3].map((each) => `{ model: model-${index * 5 + each}, weight: 1 }`).join(', ')}]
  fallbacks: [{ from: model-${index * 5}, to: [model-${index * 5 + 4}] }]
`,
  );
  const file = join(folder, 'large.yaml');
  writeFileSync(file, [...models, ...routes].join('---\n'));
  return file;
}

/** Milliseconds from the start of the process until `/readyz` answers 200; the banner is printed after that. `cpuMs` is its time on processors until then. */
async function timeStart(dataDir: string, files: readonly string[] = []): Promise<{ ms: number; cpuMs: number; platform: PlatformProcess }> {
  const beganMs = performance.now();
  const platform = await startPlatformProcess({ dataDir, files });
  const ms = performance.now() - beganMs;
  const cpuMs = cpuMsOf(platform.child.pid ?? 0);
  const ready = await fetch(`${platform.url}/readyz`);
  if (ready.status !== 200) throw new Error(`/readyz answered ${ready.status}`);
  return { ms, cpuMs, platform };
}

/** User and system time; Linux counts both in hundredths of a second. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const rssMb = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
const post = (platform: PlatformProcess, path: string, body: unknown): Promise<Response> =>
  fetch(`${platform.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${platform.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const get = async <T>(platform: PlatformProcess, path: string): Promise<T> =>
  (await (await fetch(`${platform.url}${path}`, { headers: { authorization: `Bearer ${platform.key}` } })).json()) as T;
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function untilEnded(platform: PlatformProcess, path: string): Promise<void> {
  for (;;) {
    const { run } = await get<{ run: { endedMs: number | null } }>(platform, path);
    if (run.endedMs !== null) return;
    await wait(200);
  }
}

/** Every part once: models, streams, knowledge, agent with tools, evaluation, pipeline, traces, console. */
async function useEverything(platform: PlatformProcess): Promise<void> {
  for (;;) {
    const { items } = await get<{ items: { ingestion: unknown; documents: number }[] }>(platform, '/api/v1/knowledge');
    if (items.every((base) => base.ingestion === null && base.documents > 0)) break;
    await wait(200);
  }
  for (const model of ['auto', 'reader', 'sim-8b'])
    await (await post(platform, '/v1/chat/completions', { model, stream: true, max_tokens: 20, messages: [{ role: 'user', content: 'hello' }] })).text();
  for (const question of ['What is the engine twin?', 'What is (17 + 4) * 2?'])
    await (await post(platform, '/v1/chat/completions', { model: 'agent/guide', messages: [{ role: 'user', content: question }] })).text();
  await (await post(platform, '/v1/embeddings', { model: 'reader-embed', input: 'hello' })).text();
  const evaluation = (await (await post(platform, '/api/v1/evaluations/guide-answers/runs', {})).json()) as { id: string };
  await untilEnded(platform, `/api/v1/evaluation-runs/${evaluation.id}`);
  const pipeline = (await (await post(platform, '/api/v1/pipelines/ingest-evaluate-publish/runs', {})).json()) as { id: string };
  await untilEnded(platform, `/api/v1/runs/${pipeline.id}`);
  for (const path of ['overview', 'traces', 'costs', 'models', 'agents', 'resources', 'keys']) await get(platform, `/api/v1/${path}`);
  await (await fetch(platform.url, { headers: { accept: 'text/html' } })).text();
}

interface Starts {
  readonly ms: readonly number[];
  readonly cpuMs: readonly number[];
}

/** Sorted times of several starts; the first one fills the compile cache and the data folder, and is not counted. */
async function timeStarts(files: (folder: string) => readonly string[]): Promise<Starts> {
  const folder = mkdtempSync(join(tmpdir(), 'maru-bench-'));
  const given = files(folder);
  const data = join(folder, 'data');
  await (await timeStart(data, given)).platform.stop('SIGTERM');
  const starts = { ms: [] as number[], cpuMs: [] as number[] };
  for (let run = 0; run < RUNS; run += 1) {
    const { ms, cpuMs, platform } = await timeStart(data, given);
    starts.ms.push(ms);
    starts.cpuMs.push(cpuMs);
    await platform.stop('SIGTERM');
  }
  rmSync(folder, { recursive: true, force: true });
  return { ms: starts.ms.sort(ascending), cpuMs: starts.cpuMs.sort(ascending) };
}

const ascending = (left: number, right: number): number => left - right;
const medianOf = (times: readonly number[]): number => times[Math.floor(times.length / 2)] ?? Number.NaN;
const describe = ({ ms, cpuMs }: Starts): string =>
  `${RUNS} runs: median ${medianOf(ms).toFixed(0)} ms, min ${ms[0]?.toFixed(0)} ms, max ${ms.at(-1)?.toFixed(0)} ms (target below 1000); CPU ${medianOf(cpuMs)} ms`;

const small = await timeStarts(() => []);
const large = await timeStarts((folder) => [largeConfig(folder)]);
const fresh = mkdtempSync(join(tmpdir(), 'maru-bench-'));
const { platform } = await timeStart(fresh);
const idleMb = rssMb(platform.child.pid ?? 0);
await useEverything(platform);
const usedMb = rssMb(platform.child.pid ?? 0);
await platform.stop('SIGTERM');
rmSync(fresh, { recursive: true, force: true });

process.stdout.write(
  [
    `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    `start until ready with the quickstart, ${describe(small)}`,
    `start until ready with ${MODELS} models and ${MODELS / 5} routes, ${describe(large)}`,
    `resident memory: ${idleMb.toFixed(0)} MB after the start, ${usedMb.toFixed(0)} MB with everything used once (target below 250)`,
    '',
  ].join('\n'),
);
process.exitCode = medianOf(small.ms) < 1000 && medianOf(large.ms) < 1000 && usedMb < 250 ? 0 : 1;
