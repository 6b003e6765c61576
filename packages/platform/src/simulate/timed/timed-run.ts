import { createTwinCore, createTwinDriver, type TwinCore, type TwinDriver, type TwinProfile } from '#engines';
import { createRouter, type PromptFacts, type RouterEndpoint } from '#router';
import { createSeededIds } from '#time';
import type { PolicyResult, Slo } from '../report/result.ts';
import type { RequestSource, TraceRequest } from '../trace/trace-request.ts';
import { createMeasure, type Measure } from './measure.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export interface TimedRunOptions {
  readonly trace: RequestSource;
  readonly policy: string;
  readonly replicas: number;
  readonly profile: TwinProfile;
  /** KV blocks per replica, of the trace's block size. */
  readonly kvBlocks: number;
  readonly maxBatchedTokens: number;
  readonly maxNumSeqs: number;
  readonly seed: number;
  readonly slo: Slo | undefined;
  readonly gpuUsdPerHour: number | undefined;
  /** 2 lets requests arrive twice as fast. */
  readonly rateScale: number;
}

interface Replica extends RouterEndpoint {
  readonly core: TwinCore;
  readonly driver: TwinDriver;
  /** Prompt tokens that it had to compute. */
  computedTokens: number;
  longestQueue: number;
}

/** Replays a trace through the router and the engine twins in virtual time; the same options give the same result. */
export function timedRun(options: TimedRunOptions): PolicyResult {
  const { trace, policy } = options;
  const clock = createVirtualClock();
  const ids = createSeededIds(options.seed);
  const router = createRouter({
    clock,
    ids,
    keepDecisions: 1,
    maxIndexBlocks: Math.max(262_144, options.kvBlocks * options.replicas),
    blockTokens: trace.blockTokens,
  });
  const measure = createMeasure(options.slo);
  const replicas = Array.from({ length: options.replicas }, (_, index) => createReplica(index, options, { clock, measure }));

  const roomTokens = Math.min(options.profile.maxModelLen, options.kvBlocks * trace.blockTokens);

  const arrive = (request: TraceRequest, number: number): void => {
    const outputTokens = Math.max(1, request.outputTokens);
    if (request.inputTokens + outputTokens > roomTokens) {
      measure.rejected();
      return;
    }
    const facts = factsOf(request, trace.blockTokens);
    const { endpoint, decision } = router.pickEndpoint({ requestId: `r${number}`, traceId: '', route: 'trace', model: 'trace', policy, facts }, replicas);
    endpoint.driver.submit({
      promptTokens: request.inputTokens,
      outputTokens,
      hashes: facts.blockHashes(),
      listener: {
        onToken: (sequence, atMs) => {
          if (sequence.generated > 1) measure.token(atMs - sequence.lastTokenMs);
        },
        onFinish: (sequence, atMs) => {
          const cachedTokens = Math.max(0, sequence.cachedTokens);
          endpoint.computedTokens += request.inputTokens - cachedTokens;
          const { arrivalMs, firstTokenMs } = sequence;
          router.observe(decision.id, { outcome: 'ok', realisedCachedTokens: cachedTokens, ttftMs: firstTokenMs - arrivalMs, outputTokens });
          const { inputTokens } = request;
          measure.finished({ arrivalMs, firstTokenMs, endMs: atMs, inputTokens, outputTokens, cachedTokens, expectedTokens: decision.expectedCachedTokens });
        },
      },
    });
    endpoint.longestQueue = Math.max(endpoint.longestQueue, endpoint.core.queues.waiting.length + endpoint.driver.arriving());
  };

  const arrivals = trace.requests[Symbol.iterator]();
  let number = 0;
  // Each arrival schedules the next one, so that the clock never holds more than one of them.
  const scheduleArrival = (): void => {
    const next = arrivals.next();
    if (next.done === true) return;
    clock.schedule(next.value.atMs / options.rateScale - clock.monotonicMs(), () => {
      arrive(next.value, number);
      number += 1;
      scheduleArrival();
    });
  };
  scheduleArrival();
  clock.run();

  return measure.result({
    policy,
    computedTokens: replicas.map((replica) => replica.computedTokens),
    preemptions: replicas.reduce((sum, replica) => sum + replica.core.counters.preemptions, 0),
    longestQueue: Math.max(...replicas.map((replica) => replica.longestQueue)),
    gpus: options.replicas * options.profile.gpusPerReplica,
    gpuUsdPerHour: options.gpuUsdPerHour,
  });
}

function createReplica(index: number, options: TimedRunOptions, run: { readonly clock: VirtualClock; readonly measure: Measure }): Replica {
  const { profile, kvBlocks, maxBatchedTokens, maxNumSeqs } = options;
  const blockSize = options.trace.blockTokens;
  const core = createTwinCore({ profile, blockSize, kvBlocks, maxBatchedTokens, maxNumSeqs });
  const driver = createTwinDriver({ core, clock: run.clock, requestOverheadMs: profile.requestOverheadMs, onGaps: run.measure.gaps });
  return {
    endpoint: `replica-${index}`,
    core,
    driver,
    computedTokens: 0,
    longestQueue: 0,
    kvTokens: kvBlocks * blockSize,
    load: () => {
      driver.sync();
      return {
        running: core.queues.running.length,
        waiting: core.queues.waiting.length + driver.arriving(),
        kvUse: 1 - core.kv.freeBlocks / core.kv.blocks,
        kvBlocks,
      };
    },
    cachedTokens: (facts) => core.kv.match(facts.blockHashes(), Number.POSITIVE_INFINITY) * blockSize,
  };
}

/** The facts that a policy may ask; the blocks of the trace stand for the hashes of its text. */
function factsOf(request: TraceRequest, blockTokens: number): PromptFacts {
  // Engines only share full blocks; the last one of a prompt is mostly partial.
  const blocks = request.blocks.slice(0, Math.floor(request.inputTokens / blockTokens));
  return {
    promptTokens: request.inputTokens,
    maxTokens: undefined,
    tools: false,
    images: false,
    blockTokens,
    features: () => undefined,
    difficulty: () => 0.5,
    complexity: () => 'moderate',
    blockHashes: () => blocks,
    prefixKey: () => request.blocks[0] ?? request.inputTokens,
  };
}
