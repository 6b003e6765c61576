import { parseScaling, type ScalingSpec } from '../../packages/platform/src/fleet/index.ts';
import { DEFAULT_FLEET, type FleetOptions, type PolicyResult, readTrace, simulateTrace, type Trace } from '../../packages/platform/src/simulate/index.ts';

const PROFILE = 'l40s-llama-3.1-8b';
const SLO = { ttftMs: 1000, itlMs: 100 };
const COPIES = 2;
const SHIFT_MS = 7000;
const WAYS = [
  'hpa-queue',
  'keda',
  'wva',
  'dynamo-planner:constant',
  'dynamo-planner:arima',
  'dynamo-planner:kalman',
  'dynamo-planner:seasonal',
  'dynamo-planner:load',
  'dynamo-planner:throughput',
];

/** Compares ways to scale a fleet on the Azure trace, and shows what the interval of the planner and the delay of a start do. */
export async function comparePlanners(print: (line: string) => void): Promise<void> {
  const trace = overlaid(await readTrace(new URL('../data/traces/azure-llm-2023-conv.csv', import.meta.url).pathname));
  print(`Azure conversation trace, laid over itself ${COPIES} times (${trace.requests.length} requests), ${PROFILE}, begun with 6 replicas, least-request`);
  print(`SLO: first token within ${SLO.ttftMs} ms and ${SLO.itlMs} ms between tokens; GPU-hours from the wish for a node to its end`);
  for (const coldStart of [DEFAULT_FLEET.coldStart, { nodeMs: 0, imageMs: 0, weightsMs: 30_000 }]) {
    print(`\nnode ${coldStart.nodeMs / 1000} s, image ${coldStart.imageMs / 1000} s, weights ${coldStart.weightsMs / 1000} s`);
    print(HEAD);
    for (const replicas of [4, 5, 6, 8]) print(row(`${replicas} replicas, never changed`, play(trace, { coldStart, scaling: { policy: 'fixed' } }, replicas)));
    for (const way of WAYS) print(row(way, play(trace, { coldStart, scaling: objectives(parseScaling(way)) })));
  }
  print('\nInterval of the loop over the load, start-up in 10 s');
  print(HEAD);
  for (const seconds of [1, 5, 10, 30, 60, 180, 300]) print(row(`${seconds} s`, play(trace, load({ everyMs: seconds * 1000, startMs: 10_000 }))));
  print('\nStart-up delay, interval of 5 s');
  print(HEAD);
  for (const seconds of [1, 30, 60, 120, 180, 240, 300]) print(row(`${seconds} s`, play(trace, load({ everyMs: 5000, startMs: seconds * 1000 }))));
}

const load = ({ everyMs, startMs }: { readonly everyMs: number; readonly startMs: number }): Pick<FleetOptions, 'coldStart' | 'scaling'> => ({
  coldStart: { nodeMs: 0, imageMs: 0, weightsMs: startMs },
  scaling: { ...objectives(parseScaling('dynamo-planner:load')), everyMs },
});

const objectives = (spec: ScalingSpec): ScalingSpec => ({ ...spec, planner: { ...spec.planner, ...SLO } });

function play(trace: Trace, fleet: Pick<FleetOptions, 'coldStart' | 'scaling'>, replicas = 6): PolicyResult {
  const { timed } = simulateTrace({ trace, replicas, policies: ['least-request'], profile: PROFILE, slo: SLO, fleet: { ...DEFAULT_FLEET, ...fleet } });
  const [result] = timed;
  if (result === undefined) throw new RangeError('the simulation gave no result');
  return result;
}

/** Copies of the trace, each some seconds behind the one before, so that the load grows and its shape stays. */
function overlaid(trace: Trace): Trace {
  const spanMs = (trace.requests.at(-1)?.atMs ?? 0) + 1;
  const copies = Array.from({ length: COPIES }, (_, copy) =>
    trace.requests.map((request) => ({ ...request, atMs: (request.atMs + copy * SHIFT_MS) % spanMs })),
  );
  return { ...trace, requests: copies.flat().sort((left, right) => left.atMs - right.atMs) };
}

const cells = (values: readonly string[]): string => values.map((value, index) => (index === 0 ? value.padEnd(30) : value.padStart(12))).join('');
const HEAD = cells(['', 'SLO missed', 'TTFT p90 s', 'GPU-hours', 'ups', 'downs', 'mean ready', 'most ready']);

function row(name: string, { withinSlo, ttftMs, fleet }: PolicyResult): string {
  const figures = [`${((1 - (withinSlo ?? 0)) * 100).toFixed(1)}%`, ((ttftMs.p90 ?? 0) / 1000).toFixed(1), (fleet?.gpuHours ?? 0).toFixed(2)];
  return cells([name, ...figures, String(fleet?.scaleUps), String(fleet?.scaleDowns), (fleet?.meanReady ?? 0).toFixed(1), String(fleet?.mostReady)]);
}
