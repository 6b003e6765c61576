import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PlatformProcess, startPlatformProcess } from '../harness/platform-process.ts';
import { APIS, type Api } from './apis.ts';
import { type Seen, startUpstreams, type Upstreams } from './upstream.ts';

/** Limits of every route of the suite; `boundMs` is far above them and far below a wait without end, also on a crowded machine. */
export const LIMITS = { attemptMs: 1500, firstTokenMs: 1000, stallMs: 1000, restMs: 1500, boundMs: 30_000 };

const MODES = ['plain', 'stream'] as const;
export type Mode = (typeof MODES)[number];

export interface Answer {
  readonly status: number;
  /** Which side answered. */
  readonly by: string;
  readonly headers: Headers;
  readonly text: string;
  readonly tookMs: number;
  /** The connection was broken off before its end. */
  readonly broken: boolean;
}

interface ChargeRow {
  readonly model: string;
  readonly endpoint: string;
  readonly outcome: string;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}

/** One case: a route with a primary and a fallback of its own, called like the case. */
export interface Case {
  readonly name: string;
  readonly api: Api;
  readonly mode: Mode;
  /** The route asks the fallback to go on with an answer that broke off. */
  readonly continues: boolean;
}

export interface Stack {
  readonly upstreams: Upstreams;
  ask(of: Case, more?: { readonly signal?: AbortSignal; readonly headers?: Record<string, string> }): Promise<Answer>;
  /** The charges of a case, once the ledger has settled `expected` of them. */
  charges(of: Case, expected: number): Promise<readonly ChargeRow[]>;
  seen(of: Case, side: 'a' | 'b'): readonly Seen[];
  close(): Promise<void>;
}

export const caseOf = (fault: string, api: Api, mode: Mode, continues = false): Case => ({
  name: `${fault}-${api.name}-${mode}${continues ? '-on' : ''}`,
  api,
  mode,
  continues,
});

/** Only streams can be continued. */
export const casesOf = (fault: string): readonly Case[] =>
  APIS.flatMap((api) => [...MODES.map((mode) => caseOf(fault, api, mode)), caseOf(fault, api, 'stream', true)]);

/** A platform as a process of its own, with a route per fault, API and mode, and the upstreams that play their faults. */
export async function startStack(faults: readonly string[]): Promise<Stack> {
  const upstreams = await startUpstreams();
  const dataDir = mkdtempSync(join(tmpdir(), 'maru-faults-'));
  const file = join(dataDir, 'stack.yaml');
  const cases = faults.flatMap(casesOf);
  writeFileSync(file, cases.map((of) => resourcesOf(of, upstreams.url)).join('---\n'));
  const platform: PlatformProcess = await startPlatformProcess({ dataDir, files: [file], environment: { FAULTS_KEY: 'sk-upstream' } });
  const headers = { authorization: `Bearer ${platform.key}`, 'content-type': 'application/json' };

  const page = async (model: string): Promise<readonly ChargeRow[]> => {
    const reply = await fetch(`${platform.url}/api/v1/charges?model=${model}`, { headers });
    return ((await reply.json()) as { readonly items: readonly ChargeRow[] }).items;
  };
  const read = async ({ name }: Case): Promise<readonly ChargeRow[]> => (await Promise.all([page(`${name}-a`), page(`${name}-b`)])).flat();
  const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));

  return {
    upstreams,
    async ask(of, more = {}) {
      const beganMs = performance.now();
      const send = (): Promise<Response> =>
        fetch(platform.url + of.api.path, {
          method: 'POST',
          headers: { ...headers, ...more.headers },
          body: JSON.stringify({ model: of.name, ...of.api.request(of.mode === 'stream') }),
          ...(more.signal === undefined ? {} : { signal: more.signal }),
        });
      let response = await send();
      // A crowded machine makes the gateway shed load; what it refuses has touched no upstream.
      while (response.status === 503 && !response.headers.has('x-maru-model') && (await response.text()).includes('"overloaded')) {
        await pause(200);
        response = await send();
      }
      let text = '';
      let broken = false;
      try {
        const decoder = new TextDecoder();
        for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
      } catch {
        broken = true;
      }
      const by = response.headers.get('x-maru-model')?.slice(of.name.length + 1) ?? '';
      return { status: response.status, by, headers: response.headers, text, tookMs: performance.now() - beganMs, broken };
    },
    // A charge is written before the answer ends; what is waited for is its copy in the database, and a second one that must not come.
    charges: async (of, expected) => {
      const untilMs = performance.now() + 5000;
      while ((await read(of)).length < expected && performance.now() < untilMs) await pause(50);
      await pause(300);
      return read(of);
    },
    seen: (of, side) => upstreams.seen(of.name).filter((entry) => entry.side === side),
    close: async () => {
      await platform.stop('SIGTERM');
      await upstreams.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function resourcesOf({ name, api, continues }: Case, url: string): string {
  const model = (side: string): string => `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: ${name}-${side}}
spec:
  provider: {name: ${api.provider}, model: m, baseUrl: "${url}/${name}/${side}/v1", apiKey: {env: FAULTS_KEY}}
  price: {inputUsdPerMillion: 1, outputUsdPerMillion: 3}
  continuation: ${continues && side === 'b' ? 'prefill' : 'none'}
`;
  return `${model('a')}---
${model('b')}---
apiVersion: maru.dev/v1alpha1
kind: Route
metadata: {name: ${name}}
spec:
  backends: [{model: ${name}-a}]
  fallbacks:
    - {to: [${name}-b]}
    - {to: [${name}-b], on: context-window}
    - {to: [${name}-b], on: content-policy}
  retries: {attempts: 1, backoff: 20ms, maxRetryAfter: 3s}
${continues ? '  continuation: {attempts: 1}\n' : ''}  timeouts: {attempt: ${LIMITS.attemptMs}ms, firstToken: ${LIMITS.firstTokenMs}ms, stall: ${LIMITS.stallMs}ms}
  health: {allowedFails: 2, cooldown: ${LIMITS.restMs}ms, maxCooldown: ${LIMITS.restMs}ms, slowStart: 0ms}
`;
}
