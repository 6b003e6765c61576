import type { TwinProfile } from '#engines';
import { createScaling } from '#fleet';
import type { FlowSettings } from '#router';
import { createRandom, createSeededIds } from '#time';
import type { PolicyResult, Slo } from '../report/result.ts';
import type { RequestSource, TraceRequest } from '../trace/trace-request.ts';
import { startArrivals } from './arrivals.ts';
import { createDispatch, type Dispatch } from './dispatch.ts';
import { createElasticFleet } from './fleet/elastic-fleet.ts';
import { engineCapacity } from './fleet/engine-capacity.ts';
import { type Fleet, fixedFleet } from './fleet/fleet.ts';
import type { FleetOptions } from './fleet/fleet-options.ts';
import { startScalingLoop } from './fleet/scaling-loop.ts';
import { createFlowGate } from './flow/flow-gate.ts';
import { createTenantTally } from './flow/tenant-tally.ts';
import { createMeasure, type Measure, type RequestMeasure } from './measure.ts';
import type { Placement } from './placement.ts';
import { createReplica, type Replica } from './replica.ts';
import { createRouterPlacement } from './router-placement.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export interface TimedRunOptions {
  readonly trace: RequestSource;
  readonly policy: string;
  /** In the place of the router with that policy. */
  readonly placement?: Placement | undefined;
  readonly replicas: number;
  readonly profile: TwinProfile;
  /** KV blocks per replica, of the trace's block size. */
  readonly kvBlocks: number;
  readonly maxBatchedTokens: number;
  readonly maxNumSeqs: number;
  readonly reportEveryMs?: number | undefined;
  /** Admission: a request is refused when more wait per replica than this; none is where absent. */
  readonly maxWaiting?: number | undefined;
  /** The gateway's flow control: requests wait for room in the gateway and not in the engines; none is where absent. */
  readonly flow?: FlowSettings | undefined;
  readonly seed: number;
  readonly slo: Slo | undefined;
  readonly gpuUsdPerHour: number | undefined;
  /** 2 lets requests arrive twice as fast. */
  readonly rateScale: number;
  /** A fleet that changes; `replicas` are those that it begins with. */
  readonly fleet?: FleetOptions | undefined;
  /** Told about each request that has ended or was refused. */
  readonly onRequest?: ((count: number) => void) | undefined;
}

export interface TimedRun {
  readonly result: PolicyResult;
  /** Per stage of the trace, in order. */
  readonly stages: ReadonlyMap<string, PolicyResult>;
}

/** Replays a trace through the router and the engine twins in virtual time; the same options give the same result. */
export function timedRun(options: TimedRunOptions): TimedRun {
  const { trace, profile, kvBlocks } = options;
  const clock = createVirtualClock();
  const total = createMeasure(options.slo);
  const stages = new Map<string, Measure>();
  const tenants = createTenantTally(options.slo, options.flow !== undefined);
  let stage: Measure | undefined;
  const onGaps: Measure['gaps'] = (gaps) => {
    total.gaps(gaps);
    stage?.gaps(gaps);
  };
  const makeReplica = (number: number): Replica =>
    createReplica({
      ...options,
      name: `replica-${number}`,
      kvBlocks,
      blockTokens: trace.blockTokens,
      clock,
      onGaps,
      reportEveryMs: options.reportEveryMs ?? 0,
    });
  let endedMs = 0;
  let ended = 0;
  const placement = options.placement ?? routerPlacement(options, clock);
  const { flow } = options;
  const hasRoom = (settings: FlowSettings): boolean => {
    const ready = fleet.ready();
    return ready.length > 0 && placement.hasRoom?.(ready, settings.saturation) !== false;
  };
  const dispatch: Dispatch = createDispatch({
    clock,
    placement,
    gate: flow === undefined ? undefined : createFlowGate({ clock, settings: flow, hasRoom: () => hasRoom(flow) }),
    fleet: () => fleet,
    blockTokens: trace.blockTokens,
    roomTokens: Math.min(profile.maxModelLen, kvBlocks * trace.blockTokens),
    maxWaiting: options.maxWaiting ?? Number.POSITIVE_INFINITY,
    measuresOf: (request) => {
      const measures: RequestMeasure[] = [total];
      if (request.stage !== undefined) {
        const known = stages.get(request.stage) ?? createMeasure(options.slo);
        stages.set(request.stage, known);
        stage = known;
        measures.push(known);
      }
      if (isOfTenant(request)) measures.push(tenants.measureOf(request));
      return measures;
    },
    onEnd: (request) => {
      ended += 1;
      endedMs = clock.monotonicMs();
      options.onRequest?.(ended);
      arrivals.ended(request);
    },
  });
  const isOver = (): boolean => arrivals.exhausted && arrivals.parked === 0 && dispatch.open === 0;
  const fleet: Fleet =
    options.fleet === undefined
      ? fixedFleet(Array.from({ length: options.replicas }, (_, index) => makeReplica(index)))
      : createElasticFleet({
          ...options.fleet,
          clock,
          random: createRandom(options.seed),
          replicas: options.replicas,
          makeReplica,
          onReady: dispatch.release,
          onGone: dispatch.lost,
          isOver,
        });
  const arrivals = startArrivals({ requests: trace.requests, clock, rateScale: options.rateScale, arrive: dispatch.arrive });
  if (options.fleet !== undefined) {
    const policy = createScaling(options.fleet.scaling, engineCapacity(profile, options));
    startScalingLoop({ clock, fleet, policy, now: () => ({ held: dispatch.held, totals: dispatch.totals }), isOver });
  }
  clock.run();

  const replicas = fleet.ever();
  const counts = fleet.counts(endedMs);
  const nodeGpus = profile.gpusPerReplica * (options.fleet?.replicasPerNode ?? 1);
  const run = {
    policy: options.policy,
    kvBlocks,
    computedTokens: replicas.map((replica) => replica.computedTokens),
    preemptions: replicas.reduce((sum, replica) => sum + replica.core.counters.preemptions, 0),
    longestQueue: replicas.reduce((most, replica) => Math.max(most, replica.longestQueue), 0),
    gpus: options.replicas * profile.gpusPerReplica,
    gpuUsdPerHour: options.gpuUsdPerHour,
    hasFlow: flow !== undefined,
    ...(counts === undefined || options.fleet === undefined
      ? {}
      : { fleet: { ...counts, scaling: options.fleet.scaling.policy, retried: dispatch.retried, gpuHours: counts.nodeHours * nodeGpus } }),
  };
  const ofTenants = tenants.result();
  const result = { ...total.result(run), ...(ofTenants === undefined ? {} : { tenants: ofTenants }) };
  return { result, stages: new Map([...stages].map(([name, measure]) => [name, measure.result(run)])) };
}

const isOfTenant = (request: TraceRequest): request is TraceRequest & { readonly tenant: string } => request.tenant !== undefined;

const routerPlacement = (options: TimedRunOptions, clock: VirtualClock): Placement =>
  createRouterPlacement({
    policy: options.policy,
    clock,
    ids: createSeededIds(options.seed),
    blockTokens: options.trace.blockTokens,
    indexBlocks: Math.max(262_144, options.kvBlocks * options.replicas),
    slo: options.slo,
    saturation: options.flow?.saturation,
  });
