import { openWorkload, type PolicyResult, parseFlow, simulateTrace, type TenantResult } from '../../packages/platform/src/simulate/index.ts';

const PROFILE = 'h100-llama-3.1-8b';
const REPLICAS = 2;
const REQUESTS = 3000;
const SLO = { ttftMs: 2000, itlMs: 50 };
const RATES = [20, 40, 60];
const FLOWS = ['off', 'on', 'concurrency=64,maxWait=20s'];
const SEEDS = [1, 2, 3];
const GROUPS = { big: ['big'], small: ['small-1', 'small-2', 'small-3'], urgent: ['urgent'] } as const;
const NAMES = Object.keys(GROUPS);

/** Compares an overload by one tenant with and without the flow control of the gateway. */
export function compareFlows(print: (line: string) => void): void {
  print(`made:tenants, ${REQUESTS} requests, ${REPLICAS} replicas of ${PROFILE}, policy maru, mean of the seeds ${SEEDS.join(', ')}`);
  print('seven tenths of the requests are of one tenant, three small ones send 8 % each, 6 % are of a tenant with priority 10');
  print(`good: first token within ${SLO.ttftMs} ms and ${SLO.itlMs} ms between tokens; times in seconds`);
  for (const rate of RATES) {
    print(`\n${rate} requests/s`);
    print(
      cells([
        'flow control',
        'good',
        'shed',
        'fairness',
        'wait p95',
        'itl ms',
        'queue',
        ...NAMES.map((name) => `${name} good`),
        ...NAMES.map((name) => `${name} p95`),
      ]),
    );
    for (const flow of FLOWS)
      print(
        row(
          flow,
          SEEDS.map((seed) => play({ flow, rate, seed })),
        ),
      );
  }
}

function play({ flow, rate, seed }: { readonly flow: string; readonly rate: number; readonly seed: number }): PolicyResult {
  const trace = openWorkload(`made:tenants,requests=${REQUESTS},rate=${rate},seed=${seed}`);
  const { timed } = simulateTrace({ trace, replicas: REPLICAS, policies: ['maru'], profile: PROFILE, slo: SLO, seed, flow: parseFlow(flow) });
  const [result] = timed;
  if (result === undefined) throw new RangeError('the simulation gave no result');
  return result;
}

function row(name: string, results: readonly PolicyResult[]): string {
  const mean = (of: (result: PolicyResult) => number): number => results.reduce((sum, result) => sum + of(result), 0) / results.length;
  const share = (of: (result: PolicyResult) => number): string => `${(mean(of) * 100).toFixed(1)}%`;
  const waits = results.some(({ flow }) => (flow?.waited ?? 0) > 0) ? mean(({ flow }) => (flow?.waitMs.p95 ?? 0) / 1000).toFixed(1) : '-';
  return cells([
    name,
    share(({ withinSlo }) => withinSlo ?? 0),
    share(({ shed, requests }) => shed / requests),
    mean(({ tenants }) => tenants?.fairness ?? 0).toFixed(2),
    waits,
    mean(({ itlMs }) => itlMs.mean ?? 0).toFixed(0),
    mean(({ longestQueue }) => longestQueue).toFixed(0),
    ...Object.values(GROUPS).map((tenants) => share((result) => meanOf(result, tenants, ({ withinSlo }) => withinSlo))),
    ...Object.values(GROUPS).map((tenants) => mean((result) => meanOf(result, tenants, ({ ttftMs }) => ttftMs.p95) / 1000).toFixed(1)),
  ]);
}

function meanOf(result: PolicyResult, tenants: readonly string[], of: (tenant: TenantResult) => number | null): number {
  const own = result.tenants?.each.filter(({ tenant }) => tenants.includes(tenant)) ?? [];
  return own.reduce((sum, tenant) => sum + (of(tenant) ?? 0), 0) / own.length;
}

const cells = (values: readonly string[]): string => values.map((value, index) => (index === 0 ? value.padEnd(28) : value.padStart(12))).join('');
