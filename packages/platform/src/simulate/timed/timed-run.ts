import type { TwinProfile } from '#engines';
import { createSeededIds } from '#time';
import type { PolicyResult, Slo } from '../report/result.ts';
import type { RequestSource, TraceRequest } from '../trace/trace-request.ts';
import { startArrivals } from './arrivals.ts';
import { createMeasure, type Measure } from './measure.ts';
import { factsOf, type Placement } from './placement.ts';
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
  readonly seed: number;
  readonly slo: Slo | undefined;
  readonly gpuUsdPerHour: number | undefined;
  /** 2 lets requests arrive twice as fast. */
  readonly rateScale: number;
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
  let stage: Measure | undefined;
  const onGaps: Measure['gaps'] = (gaps) => {
    total.gaps(gaps);
    stage?.gaps(gaps);
  };
  const replicas = Array.from({ length: options.replicas }, (_, index) =>
    createReplica({ ...options, name: `replica-${index}`, kvBlocks, blockTokens: trace.blockTokens, clock, onGaps, reportEveryMs: options.reportEveryMs ?? 0 }),
  );
  const placement = options.placement ?? routerPlacement(options, clock);
  const roomTokens = Math.min(profile.maxModelLen, kvBlocks * trace.blockTokens);
  let ended = 0;

  const end = (request: TraceRequest): void => {
    ended += 1;
    options.onRequest?.(ended);
    arrivals.ended(request);
  };
  const measuresOf = (request: TraceRequest): readonly Measure[] => {
    if (request.stage === undefined) return [total];
    const known = stages.get(request.stage) ?? createMeasure(options.slo);
    stages.set(request.stage, known);
    stage = known;
    return [total, known];
  };

  const arrive = (request: TraceRequest): void => {
    const measures = measuresOf(request);
    for (const measure of measures) measure.arrived(clock.monotonicMs());
    const outputTokens = Math.max(1, request.outputTokens);
    if (request.inputTokens + outputTokens > roomTokens) {
      for (const measure of measures) measure.rejected();
      end(request);
      return;
    }
    if (sum(replicas, waitingAt) >= (options.maxWaiting ?? Number.POSITIVE_INFINITY) * replicas.length) {
      for (const measure of measures) measure.shed();
      end(request);
      return;
    }
    const facts = factsOf(request, trace.blockTokens);
    const placed = placement.place(request, facts, replicas);
    const { endpoint, expectedTokens } = placed;
    endpoint.driver.submit({
      promptTokens: request.inputTokens,
      outputTokens,
      hashes: facts.blockHashes(),
      listener: {
        onToken: (sequence, atMs) => {
          if (sequence.generated === 1) placed.firstToken?.();
          else for (const measure of measures) measure.token(atMs - sequence.lastTokenMs);
        },
        onFinish: (sequence, endMs) => {
          const cachedTokens = Math.max(0, sequence.cachedTokens);
          endpoint.computedTokens += request.inputTokens - cachedTokens;
          const { arrivalMs, admittedMs, firstTokenMs } = sequence;
          placed.ended({ cachedTokens, ttftMs: firstTokenMs - arrivalMs, outputTokens });
          for (const measure of measures)
            measure.finished({ arrivalMs, admittedMs, firstTokenMs, endMs, inputTokens: request.inputTokens, outputTokens, cachedTokens, expectedTokens });
          end(request);
        },
      },
    });
    endpoint.longestQueue = Math.max(endpoint.longestQueue, waitingAt(endpoint));
  };

  const arrivals = startArrivals({ requests: trace.requests, clock, rateScale: options.rateScale, arrive });
  clock.run();

  const run = {
    policy: options.policy,
    kvBlocks,
    computedTokens: replicas.map((replica) => replica.computedTokens),
    preemptions: sum(replicas, (replica) => replica.core.counters.preemptions),
    longestQueue: Math.max(...replicas.map((replica) => replica.longestQueue)),
    gpus: options.replicas * profile.gpusPerReplica,
    gpuUsdPerHour: options.gpuUsdPerHour,
  };
  return { result: total.result(run), stages: new Map([...stages].map(([name, measure]) => [name, measure.result(run)])) };
}

const waitingAt = ({ core, driver }: Replica): number => core.queues.waiting.length + driver.arriving();

const sum = (replicas: readonly Replica[], of: (replica: Replica) => number): number => replicas.reduce((total, replica) => total + of(replica), 0);

const routerPlacement = (options: TimedRunOptions, clock: VirtualClock): Placement =>
  createRouterPlacement({
    policy: options.policy,
    clock,
    ids: createSeededIds(options.seed),
    blockTokens: options.trace.blockTokens,
    indexBlocks: Math.max(262_144, options.kvBlocks * options.replicas),
    slo: options.slo,
  });
