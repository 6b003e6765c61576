import { PlatformError } from '@maru/api/errors';
import type { Span } from '@maru/api/records';
import { type Agent, agentKind, type ToolServer, toolServerKind } from '@maru/api/resources';
import { migrateStore, openStore, type Store } from '#store';
import { silentLog } from '#telemetry';
import { type Clock, createFakeClock, createSeededIds, type FakeClock } from '#time';
import { type Agents, type AgentsOptions, createAgents } from '../create-agents.ts';
import type { AgentPorts, ChatDelta, ChatModel, ChatRequest, GuardedFetch, Passage } from '../ports.ts';
import type { RunEvent } from '../run-events.ts';

/** What a scripted model answers: text, tool calls, or pieces of its own. */
export type ScriptedReply = string | { calls: readonly { name: string; args: unknown }[]; content?: string } | AsyncIterable<ChatDelta>;
export type Script = (request: ChatRequest, call: number, signal: AbortSignal) => ScriptedReply | Promise<ScriptedReply>;

const USAGE = { prompt_tokens: 100, completion_tokens: 10, prompt_tokens_details: { cached_tokens: 40 }, completion_tokens_details: { reasoning_tokens: 2 } };

/** A model that answers by a script; deterministic, and a full implementation of the port. */
export function createScriptedModel(script: Script): ChatModel & { readonly requests: ChatRequest[] } {
  const requests: ChatRequest[] = [];
  return {
    requests,
    async *chat(request, signal) {
      requests.push(request);
      const reply = await script(request, requests.length - 1, signal);
      if (typeof reply === 'object' && Symbol.asyncIterator in reply) {
        yield* reply;
        return;
      }
      if (typeof reply === 'string') {
        for (const word of reply.match(/\S+\s*/g) ?? []) yield { content: word };
      } else {
        if (reply.content !== undefined) yield { content: reply.content };
        yield {
          tool_calls: reply.calls.map(({ name, args }, index) => ({
            index,
            id: `call_${index}`,
            function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
          })),
        };
      }
      yield { finish_reason: typeof reply === 'string' ? 'stop' : 'tool_calls', usage: USAGE };
    },
  };
}

/** Plays replies one after the other, and the last one for ever. */
export const inTurn =
  (...replies: readonly ScriptedReply[]): Script =>
  (_, call) =>
    replies[Math.min(call, replies.length - 1)] ?? '';

export function makeAgent(spec: Record<string, unknown> = {}, name = 'guide'): Agent {
  return agentKind.schema.parse({
    apiVersion: 'maru.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name },
    spec: { model: 'scripted', instructions: 'Answer from the documents.', ...spec },
  });
}

export function makeToolServer(name: string, transport: Record<string, unknown>, timeout = '10s'): ToolServer {
  return toolServerKind.schema.parse({ apiVersion: 'maru.dev/v1alpha1', kind: 'ToolServer', metadata: { name }, spec: { transport, timeout } });
}

export const PASSAGES: readonly Passage[] = [
  { citation: '[limits.md § Budgets]', document: 'limits.md', heading: 'Budgets', page: null, text: 'A budget is a cap in US dollars.' },
  { citation: '[start.pdf p. 3]', document: 'start.pdf', heading: null, page: 3, text: 'Start with npm start.' },
];

export interface Bench {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly agents: Agents;
  readonly spans: Span[];
  readonly searches: string[];
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly model: ChatModel;
  readonly store?: Store;
  readonly clock?: FakeClock;
  readonly http?: GuardedFetch;
  readonly others?: readonly Agent[];
  readonly toolServers?: readonly ToolServer[];
  readonly secrets?: Readonly<Record<string, string>>;
  readonly options?: Partial<AgentsOptions>;
  readonly seed?: number;
}

/** The room on a real SQLite, with a clock that stands still. */
export async function openBench(bench: BenchOptions): Promise<Bench> {
  const store = bench.store ?? (await openTestStore());
  const clock = bench.clock ?? createFakeClock();
  const spans: Span[] = [];
  const searches: string[] = [];
  const seed = bench.seed ?? 1;
  const ids = createSeededIds(seed);
  // Processes that share a store must not give out the same ids.
  for (let skipped = 1; skipped < seed * 1_000; skipped += 1) ids.next('skipped');
  const agents = createAgents({
    store,
    clock,
    ids,
    log: silentLog,
    leaseTtlMs: 15_000,
    searchPath: '/usr/bin:/bin',
    ports: createPorts(bench, spans, searches),
    ...bench.options,
  });
  return {
    store,
    clock,
    agents,
    spans,
    searches,
    async close() {
      await agents.close({ graceMs: 0 });
      if (bench.store === undefined) await store.close();
    },
  };
}

export async function openTestStore(path = ':memory:'): Promise<Store> {
  const store = await openStore({ url: path });
  await migrateStore(store);
  return store;
}

function createPorts(bench: BenchOptions, spans: Span[], searches: string[]): AgentPorts {
  return {
    models: bench.model,
    knowledge: {
      search: ({ query, topK }) => {
        searches.push(query);
        return Promise.resolve(PASSAGES.slice(0, topK));
      },
    },
    http: bench.http ?? { fetch: () => Promise.reject(new TypeError('no network in this test')) },
    spans: { record: (span) => void spans.push(span) },
    toolServers: {
      find: (name) => bench.toolServers?.find((server) => server.metadata.name === name),
      secret: (ref) => ('env' in ref ? bench.secrets?.[ref.env] : undefined),
    },
    agents: { find: (name) => bench.others?.find((agent) => agent.metadata.name === name) },
  };
}

/** All events of a run up to its end. */
export async function eventsOf(agents: Agents, runId: string, afterStep?: number): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  const signal = new AbortController().signal;
  for await (const event of agents.stream(runId, { signal, ...(afterStep === undefined ? {} : { afterStep }) })) events.push(event);
  return events;
}

/** Waits until `check` holds, letting promises run in between. */
export async function until(check: () => boolean | Promise<boolean>, clock?: Clock): Promise<void> {
  for (let turn = 0; turn < 20_000; turn += 1) {
    if (await check()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new PlatformError('internal', { message: `the condition did not come true${clock === undefined ? '' : ` at ${clock.nowMs()}`}` });
}

export const PAYER = Object.freeze({ tenant: 'acme', keyId: 'key_1' });

/** A promise that only an abort ends. */
export const untilAbort = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

/** A pieced answer that never ends by itself. */
export async function* endless(signal: AbortSignal, ...words: readonly string[]): AsyncGenerator<ChatDelta> {
  for (const content of words) yield { content };
  await untilAbort(signal);
}
