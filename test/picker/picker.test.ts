import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { request } from 'undici';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ensureEnvoy } from './ensure-envoy.ts';
import { sendLoad, sha256 } from './load.ts';
import { type Envoy, freePorts, type Running, startEnvoy, startPickerProcess } from './processes.ts';
import { type Mirrored, MODEL, type Replica, startMirror, startTwin } from './replicas.ts';

/** Of all long runs together: three quarters in order, the others while the picker is killed again and again. */
const REQUESTS = Number(process.env['MARU_PICKER_REQUESTS'] ?? 2800);
const IN_ORDER = Math.round(REQUESTS * 0.72);
const UNDER_KILLS = Math.round(REQUESTS * 0.14);
const KILLS = Math.max(2, Math.round(UNDER_KILLS / 1500));
/** Every so many requests one has a body of 400 KB. */
const LARGE_EVERY = 100;
/** Upper bound: a slow machine answers some tens a second. */
const TIMEOUT_MS = 600_000 + REQUESTS * 60;

let binary = '';
const closers: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  binary = await ensureEnvoy();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface StackOptions {
  readonly replicas: readonly Replica[];
  readonly picker?: readonly string[];
  readonly failureMode?: 'FailOpen' | 'FailClose';
  readonly cluster?: 'override-host' | 'original-dst';
  readonly tls?: boolean;
}

interface Stack {
  readonly envoy: Envoy;
  readonly picker: Running;
  /** The same picker again, on the same port. */
  restartPicker(): Promise<Running>;
}

async function startStack({ replicas, picker: more = [], failureMode = 'FailClose', cluster = 'override-host', tls = false }: StackOptions): Promise<Stack> {
  const [pickerPort = 0] = await freePorts(1);
  const endpoints = replicas.map(({ address }) => address);
  const args = [
    ...['--model', MODEL, '--listen', `127.0.0.1:${pickerPort}`, '--grace', '1'],
    ...endpoints.flatMap((address) => ['--endpoint', address]),
    ...(tls ? ['--tls', 'self-signed'] : []),
    ...more,
  ];
  for (const replica of replicas) closers.push(replica.close);
  const restartPicker = async (): Promise<Running> => {
    const running = await startPickerProcess(args);
    closers.push(() => running.stop('SIGTERM'));
    return running;
  };
  const picker = await restartPicker();
  const envoy = await startEnvoy(binary, { pickerPort, endpoints, failureMode, cluster, tls });
  closers.push(() => envoy.stop('SIGTERM'));
  await untilStatus(envoy, 200);
  return { envoy, picker, restartPicker };
}

const CHAT = JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hello' }], max_tokens: 4 });
const post = (envoy: Envoy, body: string, headers: Readonly<Record<string, string>> = {}) =>
  request(`${envoy.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });

async function statusOf(envoy: Envoy): Promise<number> {
  const { statusCode, body } = await post(envoy, CHAT);
  await body.dump();
  return statusCode;
}

/** Replicas are probed and connections made anew: what counts is that it comes, not when. */
const untilStatus = (envoy: Envoy, status: number): Promise<void> => expect.poll(() => statusOf(envoy), { timeout: 60_000, interval: 100 }).toBe(status);

/** The picker chooses again: a gateway that fails open answers without it too. */
async function untilNamed(envoy: Envoy): Promise<void> {
  const named = async (): Promise<boolean> => {
    const result = await sendLoad({ url: envoy.url, requests: 1, concurrency: 1, body: () => ({ json: CHAT, stream: false }) });
    return result.statuses[200] === 1 && result.unnamed === 0;
  };
  await expect.poll(named, { timeout: 60_000, interval: 100 }).toBe(true);
}

async function mirrored(envoy: Envoy, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Mirrored & { readonly filler: string }> {
  const answer = await post(envoy, body, headers);
  expect(answer.statusCode).toBe(200);
  return (await answer.body.json()) as Mirrored & { filler: string };
}

const chatOf = (size: number, letter = 'x'): string => JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: letter.repeat(size) }] });

/** Plain and streamed in turn, a few of them large. */
function mixed(index: number): { readonly json: string; readonly stream: boolean } {
  const stream = index % 2 === 0;
  const filler = index % LARGE_EVERY < 2 ? 'y '.repeat(200_000) : `Conversation ${index % 40}. `.repeat(30);
  const messages = [{ role: 'user', content: `${filler} Question ${index}` }];
  return { stream, json: JSON.stringify({ model: MODEL, stream, max_tokens: 8, messages, ...(stream ? { stream_options: { include_usage: true } } : {}) }) };
}

describe('Envoy with the picker in front of twins', () => {
  it(
    `sends ${IN_ORDER} requests, plain and streamed, to the endpoints that were named, and to no other`,
    async () => {
      const replicas = await Promise.all([0, 1, 2, 3].map(startTwin));
      const { envoy } = await startStack({ replicas, picker: ['--max-endpoints', '3'] });
      const result = await sendLoad({ url: envoy.url, requests: IN_ORDER, concurrency: 32, body: mixed });
      const stats = await envoy.stats('ext_proc');
      console.log(`${result.sent} requests, ${result.perSecond} per second with everything on this machine`, result);

      expect(result.firstProblem).toBeUndefined();
      expect(result.statuses).toEqual({ 200: IN_ORDER });
      expect([result.wrong, result.fallbacks, result.unnamed, result.cut]).toEqual([0, 0, 0, 0]);
      // Conversations stay where their prefix is, and are spread over all.
      expect(Object.keys(result.servedBy).sort()).toEqual(replicas.map(({ address }) => address).sort());
      expect(Object.entries(stats).filter(([name, value]) => /spurious|failed|timeout/.test(name) && value > 0)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it('goes on to the next address of the list when an endpoint can not be reached', async () => {
    const replicas = await Promise.all([0, 1, 2].map(startTwin));
    const { envoy } = await startStack({ replicas, picker: ['--max-endpoints', '3', '--policy', 'round-robin'] });
    await replicas[0]?.close();
    const result = await sendLoad({ url: envoy.url, requests: 60, concurrency: 4, body: () => ({ json: CHAT, stream: false }) });

    expect(result.statuses).toEqual({ 200: 60 });
    expect(result.wrong).toBe(0);
    expect(result.fallbacks).toBeGreaterThan(0);
    expect(result.servedBy[replicas[0]?.address ?? '']).toBeUndefined();
  });

  it('works with an original_dst cluster, which takes one address', async () => {
    const replicas = await Promise.all([0, 1].map(startTwin));
    const { envoy } = await startStack({ replicas, cluster: 'original-dst' });
    const result = await sendLoad({ url: envoy.url, requests: 40, concurrency: 4, body: () => ({ json: CHAT, stream: false }) });

    expect([result.statuses, result.wrong]).toEqual([{ 200: 40 }, 0]);
  });

  it('speaks TLS to the gateway with a certificate of its own', async () => {
    const { envoy } = await startStack({ replicas: [await startTwin(0)], tls: true });

    expect(await statusOf(envoy)).toBe(200);
  });
});

describe('configuration in the documents', () => {
  it('is one that Envoy takes', async () => {
    const page = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'routing', 'picker.md'), 'utf8');
    const yaml = /^```yaml\n(static_resources:[\s\S]*?)^```$/m.exec(page)?.[1] ?? '';
    const folder = await mkdtemp(join(tmpdir(), 'maru-envoy-doc-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'envoy.yaml');
    await writeFile(path, yaml);

    expect((await promisify(execFile)(binary, ['--mode', 'validate', '-c', path])).stdout).toContain('OK');
  });
});

describe('bodies through the picker', () => {
  it('arrive unchanged, small and large, one at a time and many at once, also after clients that broke off', async () => {
    const { envoy } = await startStack({ replicas: [await startMirror(), await startMirror()] });
    for (const size of [10, 62_000, 400_000, 3_000_000]) {
      const body = chatOf(size);
      const seen = await mirrored(envoy, body, { 'x-test-answer-bytes': String(size) });
      expect(seen).toMatchObject({ sha256: sha256(body), bytes: body.length, address: seen.destination });
      expect(seen.filler.length).toBe(size);
    }

    const bodies = Array.from({ length: 24 }, (_, index) => chatOf(400_000 + index, String.fromCharCode(97 + index)));
    const seen = await Promise.all(bodies.map((body) => mirrored(envoy, body)));
    expect(seen.map((each) => each.sha256)).toEqual(bodies.map(sha256));
    expect(seen.every(({ address, destination }) => address === destination)).toBe(true);

    for (let turn = 0; turn < 20; turn += 1) {
      const abort = new AbortController();
      const call = request(`${envoy.url}/v1/chat/completions`, { method: 'POST', body: chatOf(2_000_000), signal: abort.signal });
      abort.abort();
      await expect(call).rejects.toThrow();
    }
    expect(await mirrored(envoy, CHAT)).toMatchObject({ sha256: sha256(CHAT) });
    const { statusCode, body } = await request(`${envoy.url}/v1/models`);
    expect([statusCode, JSON.stringify(await body.json()).includes(MODEL)]).toEqual([200, true]);
  });
});

describe('hint of the gateway', () => {
  it('is never left: only its endpoints are chosen, and none of them ready is a 503', async () => {
    const replicas = await Promise.all([startMirror(), startMirror(), startMirror()]);
    const { envoy } = await startStack({ replicas, picker: ['--policy', 'round-robin'] });
    const only = replicas[1]?.address ?? '';
    const seen = await Promise.all(Array.from({ length: 12 }, () => mirrored(envoy, CHAT, { 'x-test-subset': only })));
    const none = await post(envoy, CHAT, { 'x-test-subset': '127.0.0.1:1' });

    expect(new Set(seen.map(({ address }) => address))).toEqual(new Set([only]));
    expect(none.statusCode).toBe(503);
    expect(await none.body.json()).toMatchObject({ error: { code: 'no_endpoint' } });
  });
});

describe('picker that is killed', () => {
  it('lets the gateway balance by itself where it fails open, and chooses again when it is back', async () => {
    const replicas = await Promise.all([startMirror(), startMirror()]);
    const { envoy, picker, restartPicker } = await startStack({ replicas, failureMode: 'FailOpen' });
    await picker.stop('SIGKILL');
    await untilStatus(envoy, 200);
    const without = await Promise.all(Array.from({ length: 20 }, () => mirrored(envoy, CHAT)));
    await restartPicker();
    await expect.poll(async () => (await mirrored(envoy, CHAT)).destination, { timeout: 60_000, interval: 100 }).toBeDefined();

    expect(new Set(without.map(({ destination }) => destination))).toEqual(new Set([undefined]));
    expect(new Set(without.map(({ address }) => address)).size).toBe(2);
    expect(new Set(without.map((each) => each.sha256))).toEqual(new Set([sha256(CHAT)]));
  });

  it('lets nothing through where it fails closed, and everything again when it is back', async () => {
    const { envoy, picker, restartPicker } = await startStack({ replicas: [await startTwin(0), await startTwin(1)], failureMode: 'FailClose' });
    await picker.stop('SIGKILL');
    const refused = await Promise.all(Array.from({ length: 20 }, () => statusOf(envoy)));
    await restartPicker();
    await untilStatus(envoy, 200);

    expect(new Set(refused)).toEqual(new Set([503]));
  });

  it.each([
    { failureMode: 'FailClose', statuses: ['200', '503'] },
    { failureMode: 'FailOpen', statuses: ['200', '503', '504'] },
  ] as const)(
    'never lets a request end at an endpoint that was not named, while it dies and comes back under load ($failureMode)',
    async ({ failureMode, statuses }) => {
      const replicas = await Promise.all([0, 1, 2].map(startTwin));
      const stack = await startStack({ replicas, picker: ['--max-endpoints', '2'], failureMode });
      let { picker } = stack;
      let started = 0;
      const body = (index: number) => {
        started = index + 1;
        return mixed(index);
      };
      const load = sendLoad({ url: stack.envoy.url, requests: UNDER_KILLS, concurrency: 16, body, pauseMs: 500 });
      for (let kill = 1; kill <= KILLS; kill += 1) {
        await expect.poll(() => started >= (UNDER_KILLS * kill) / (KILLS + 1), { timeout: TIMEOUT_MS, interval: 50 }).toBe(true);
        await picker.stop('SIGKILL');
        picker = await stack.restartPicker();
        await untilNamed(stack.envoy);
      }
      const result = await load;
      console.log(`${result.sent} requests, the picker killed ${KILLS} times (${failureMode})`, result);

      expect([result.wrong, result.cut]).toEqual([0, 0]);
      if (failureMode === 'FailClose') expect(result.unnamed).toBe(0);
      expect(Object.keys(result.statuses).filter((status) => !(statuses as readonly string[]).includes(status))).toEqual([]);
      await untilStatus(stack.envoy, 200);
    },
    TIMEOUT_MS,
  );

  it('lets open requests end when it is stopped in order', async () => {
    const { envoy, picker } = await startStack({ replicas: [await startTwin(0)], picker: ['--grace', '60'] });
    const body = JSON.stringify({ model: MODEL, stream: true, max_tokens: 2000, messages: [{ role: 'user', content: 'tell' }] });
    const answer = await post(envoy, body);
    const stopped = picker.stop('SIGTERM');
    const text = await answer.body.text();
    await stopped;

    expect(answer.statusCode).toBe(200);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(picker.child.exitCode).toBe(0);
  });
});
