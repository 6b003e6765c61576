import type { Clock } from '#time';
import type { TraceRequest } from '../trace/trace-request.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { FlowGate } from './flow/flow-gate.ts';
import type { RequestMeasure } from './measure.ts';
import { factsOf, type Placed, type Placement } from './placement.ts';
import type { Replica } from './replica.ts';

export interface DispatchOptions {
  readonly clock: Clock;
  readonly placement: Placement;
  readonly fleet: () => Fleet;
  readonly blockTokens: number;
  /** Tokens that a replica can hold of one request. */
  readonly roomTokens: number;
  /** Requests that may wait per replica. */
  readonly maxWaiting: number;
  /** Requests wait here for room where the gateway controls the flow. */
  readonly gate?: FlowGate | undefined;
  /** Where a request is counted, in all places. */
  readonly measuresOf: (request: TraceRequest) => readonly RequestMeasure[];
  /** Told of each request that has ended or was refused. */
  readonly onEnd: (request: TraceRequest) => void;
}

/** Brings requests to replicas: holds them while there is none, and sends them again where a replica was lost. */
export interface Dispatch {
  arrive(request: TraceRequest): void;
  /** A replica is there for those that wait for one. */
  release(): void;
  /** What was in this replica begins anew in another one. */
  lost(replica: Replica): void;
  readonly held: number;
  readonly open: number;
  readonly retried: number;
  readonly totals: { readonly requests: number; readonly inputTokens: number; readonly outputTokens: number; readonly cachedTokens: number };
}

interface Job {
  readonly request: TraceRequest;
  readonly measures: readonly RequestMeasure[];
  readonly arrivedMs: number;
  readonly outputTokens: number;
  stop: () => void;
  placed: Placed<Replica> | undefined;
}

export function createDispatch(options: DispatchOptions): Dispatch {
  const { clock, placement, blockTokens, gate } = options;
  const inside = new Map<Replica, Set<Job>>();
  const held: Job[] = [];
  const totals = { requests: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0 };
  let open = 0;
  let retried = 0;

  const end = (request: TraceRequest): void => {
    open -= 1;
    options.onEnd(request);
  };

  const send = (job: Job, replicas: readonly Replica[]): void => {
    const { request, measures, outputTokens } = job;
    const facts = factsOf(request, blockTokens);
    const placed = placement.place(request, facts, replicas);
    const { endpoint, expectedTokens } = placed;
    const jobs = inside.get(endpoint) ?? new Set<Job>();
    inside.set(endpoint, jobs.add(job));
    job.placed = placed;
    job.stop = endpoint.driver.submit({
      promptTokens: request.inputTokens,
      outputTokens,
      hashes: facts.blockHashes(),
      priority: request.priority ?? 0,
      adapter: request.adapter,
      listener: {
        onToken: (sequence, atMs) => {
          const { generated, lastTokens, lastTokenMs } = sequence;
          if (generated === lastTokens) {
            placed.firstToken?.();
            gate?.freed();
          }
          // What comes in one step has the same time each.
          else for (const measure of measures) for (let token = 0; token < lastTokens; token += 1) measure.token((atMs - lastTokenMs) / lastTokens);
        },
        onFinish: (sequence, endMs) => {
          const cachedTokens = Math.max(0, sequence.cachedTokens);
          endpoint.computedTokens += request.inputTokens - cachedTokens;
          const { arrivalMs, admittedMs, firstTokenMs } = sequence;
          placed.ended({ cachedTokens, ttftMs: firstTokenMs - arrivalMs, outputTokens });
          const counted = { admittedMs, firstTokenMs, endMs, inputTokens: request.inputTokens, outputTokens, cachedTokens, expectedTokens };
          for (const measure of measures) measure.finished({ ...counted, arrivalMs: job.arrivedMs });
          jobs.delete(job);
          totals.outputTokens += outputTokens;
          totals.cachedTokens += cachedTokens;
          // Others may have had their last token in this very step; they are still to be told.
          if (jobs.size === 0) options.fleet().relieved(endpoint);
          gate?.freed();
          end(request);
        },
      },
    });
    endpoint.longestQueue = Math.max(endpoint.longestQueue, waitingAt(endpoint));
  };

  const sendOrHold = (job: Job): void => {
    const replicas = options.fleet().ready();
    if (replicas.length === 0) held.push(job);
    else send(job, replicas);
  };

  return {
    get held() {
      return held.length + (gate?.waiting ?? 0);
    },
    get open() {
      return open;
    },
    get retried() {
      return retried;
    },
    totals,
    arrive: (request) => {
      open += 1;
      const measures = options.measuresOf(request);
      for (const measure of measures) measure.arrived(request, clock.monotonicMs());
      const outputTokens = Math.max(1, request.outputTokens);
      if (request.inputTokens + outputTokens > options.roomTokens) {
        for (const measure of measures) measure.rejected();
        end(request);
        return;
      }
      const shed = (reason: string): void => {
        for (const measure of measures) measure.shed(reason);
        end(request);
      };
      const replicas = options.fleet().ready();
      const waiting = held.length + replicas.reduce((sum, replica) => sum + waitingAt(replica), 0);
      if (waiting >= options.maxWaiting * Math.max(1, replicas.length)) {
        shed('admission');
        return;
      }
      totals.requests += 1;
      totals.inputTokens += request.inputTokens;
      const job: Job = { request, measures, arrivedMs: clock.monotonicMs(), outputTokens, stop: () => undefined, placed: undefined };
      if (gate === undefined) {
        sendOrHold(job);
        return;
      }
      gate.enter(request, {
        go: (waitedMs) => {
          for (const measure of measures) measure.waited(waitedMs);
          sendOrHold(job);
        },
        shed,
      });
    },
    release: () => {
      for (const job of held.splice(0)) sendOrHold(job);
      gate?.freed();
    },
    lost: (replica) => {
      const jobs = [...(inside.get(replica) ?? [])];
      inside.delete(replica);
      for (const job of jobs) {
        job.stop();
        job.placed?.failed?.();
      }
      placement.forget?.(replica.endpoint);
      retried += jobs.length;
      for (const job of jobs) sendOrHold(job);
    },
  };
}

const waitingAt = ({ core, driver }: Replica): number => core.queues.waiting.length + driver.arriving();
