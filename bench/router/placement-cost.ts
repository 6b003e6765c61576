import { createEndpointCounters } from '../../packages/platform/src/cmd/endpoint-counters.ts';
import { createEnginePool } from '../../packages/platform/src/cmd/engine-pool.ts';
import { createPlacement } from '../../packages/platform/src/cmd/placement.ts';
import type { Engine } from '../../packages/platform/src/engines/index.ts';
import type { Attempt, CallWishes, RequestFacts } from '../../packages/platform/src/gateway/index.ts';
import { openRegistry, parseResources } from '../../packages/platform/src/resources/index.ts';
import { createFlowControl, createRouter } from '../../packages/platform/src/router/index.ts';
import { migrateStore, openStore } from '../../packages/platform/src/store/index.ts';
import { silentLog } from '../../packages/platform/src/telemetry/index.ts';
import { createIds, createSystemClock } from '../../packages/platform/src/time/index.ts';

const PROMPT_BYTES = 1024;
/** Requests that run at once. */
const IN_FLIGHT = 32;
const ROUNDS = 7;
const WISHES: CallWishes = {};

const YAML = `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: m}
spec: {provider: {name: openai-compatible, model: m, baseUrl: "http://127.0.0.1:9/v1"}}
---
apiVersion: maru.dev/v1alpha1
kind: Route
metadata: {name: r}
spec: {backends: [{model: m}]}
`;

/** Prints what the way of a request costs from the plan to the end of its observation, without any network: the least of several rounds in microseconds of CPU. */
export async function printPlacementCost(print: (line: string) => void, requests = 20_000): Promise<void> {
  print(`us of CPU per request from its plan to its observation, ${PROMPT_BYTES} bytes of prompt, ${IN_FLIGHT} at once`);
  for (const [what, target, endpoints] of [
    ['a model, 1 endpoint', 'm', 1],
    ['a route, 1 endpoint', 'r', 1],
    ['a route, 8 endpoints', 'r', 8],
  ] as const)
    print(`${what.padEnd(24)}${(await costUs({ target, endpoints, requests })).toFixed(1).padStart(8)}`);
}

async function costUs({ target, endpoints, requests }: { readonly target: string; readonly endpoints: number; readonly requests: number }): Promise<number> {
  const store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  const clock = createSystemClock();
  const ids = createIds(() => clock.nowMs());
  const registry = await openRegistry({ store, clock });
  await registry.apply(parseResources(YAML).resources);
  const pool = createEnginePool({
    makeEngines: ({ metadata: { name } }) => Array.from({ length: endpoints }, (_, index) => engineOf(`${name}-${index}`, name)),
    onGone: () => undefined,
    clock,
    log: silentLog,
  });
  pool.sync(registry.list('Model'));
  const placement = createPlacement({
    registry,
    pool,
    router: createRouter({ clock, ids }),
    ids,
    clock,
    counters: createEndpointCounters(),
    fleets: { prepare: () => undefined, sent: () => undefined, answered: () => undefined, fleetOf: () => undefined },
    flow: createFlowControl(clock),
    agentEngine: () => engineOf('agent', 'agent'),
    contextWindow: () => undefined,
    costNanoUsd: () => null,
    allows: () => true,
  });
  const prompts = Array.from({ length: 100 }, (_, index) => Buffer.alloc(PROMPT_BYTES, `prompt ${index} `));
  const running: Attempt[] = [];
  const end = (attempt: Attempt): void => placement.observe({ attempt, outcome: 'ok', usage: USAGE, ttftMs: undefined, durationMs: 5, costNanoUsd: 1000 });
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const begin = process.cpuUsage();
    for (let request = 0; request < requests; request += 1) {
      const plan = await placement.plan(factsOf(target, prompts[request % prompts.length] ?? Buffer.alloc(0), request), WISHES);
      const next = plan.next(undefined);
      const attempt = next instanceof Promise ? await next : next;
      if (attempt !== undefined) running.push(attempt);
      const oldest = running.length > IN_FLIGHT ? running.shift() : undefined;
      if (oldest !== undefined) end(oldest);
    }
    const { user, system } = process.cpuUsage(begin);
    least = Math.min(least, (user + system) / requests);
  }
  running.forEach(end);
  await pool.close();
  await store.close();
  return least;
}

const USAGE = { inputTokens: 256, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 20, reasoningTokens: 0 };

const engineOf = (endpoint: string, model: string): Engine => ({
  endpoint,
  model,
  provider: 'openai-compatible',
  servedName: model,
  simulated: false,
  call: () => Promise.reject(new TypeError('this engine is not asked')),
  load: () => ({ running: 0, waiting: 0 }),
  close: () => Promise.resolve(),
});

const factsOf = (name: string, promptBytes: Buffer, number: number): RequestFacts => ({
  requestId: `req_${number}`,
  traceId: '0af7651916cd43dd8448eb211c80319c',
  operation: 'chat',
  target: { name, kind: name === 'r' ? 'route' : 'model', simulated: false, ownedBy: 'maru', createdMs: 0 },
  principal: { tenant: 'default', keyId: 'key_1' },
  stream: false,
  promptTokens: PROMPT_BYTES / 4,
  maxTokens: undefined,
  tools: false,
  images: false,
  headers: {},
  promptBytes,
  body: promptBytes,
  value: () => ({}),
});
