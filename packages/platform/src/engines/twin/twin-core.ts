import { PlatformError } from '@maru/api/errors';
import { repeatableSteps, repeatSteps } from './decode-run.ts';
import { KvCache } from './kv-cache.ts';
import type { KvCacheObserver } from './kv-events/kv-event-log.ts';
import type { TwinProfile } from './profile.ts';
import { type CacheCounters, type Queues, type SchedulerLimits, scheduleStep } from './scheduler.ts';
import { createSequence, type Sequence, type SequenceOptions } from './sequence.ts';
import { type StepWork, stepTimeMs } from './step-time.ts';

export interface TwinCoreOptions {
  readonly profile: TwinProfile;
  /** Tokens per block; 16 where absent. */
  readonly blockSize?: number;
  /** Blocks of KV memory; what the profile's memory holds where absent. */
  readonly kvBlocks?: number;
  readonly maxNumSeqs?: number;
  readonly maxBatchedTokens?: number;
  readonly prefixCaching?: boolean;
  /** Told about blocks that become findable and those that no longer are. */
  readonly kvObserver?: KvCacheObserver | undefined;
}

/** What one call of `step` did. */
export interface Step {
  readonly durationMs: number;
  readonly work: StepWork;
  /** Sequences that got a token, in order; the array is reused by the next step. */
  readonly emitted: readonly Sequence[];
}

/**
 * The engine as a pure state machine: no clock, no callbacks on its own, the same inputs give the same steps.
 * A step has two halves, because a request may be aborted while it runs: `begin` decides, `end` takes effect.
 */
export interface TwinCore {
  readonly kv: KvCache;
  readonly limits: SchedulerLimits;
  readonly queues: Queues;
  readonly counters: Readonly<CacheCounters>;
  /** Throws `context_length_exceeded` when so many tokens can never fit into the KV memory. */
  check(promptTokens: number, outputTokens: number): void;
  /** Puts a sequence that has passed `check` into the waiting queue. */
  add(options: SequenceOptions): Sequence;
  /** Frees the sequence's blocks at once; does nothing when it has finished. */
  abort(sequence: Sequence): void;
  /** Frees the blocks that a finished sequence has kept. */
  letGo(sequence: Sequence): void;
  /** Plans the next step; undefined when there is nothing to do. */
  begin(nowMs: number): StepWork | undefined;
  /** Steps after the one in progress that will have the same batch, if nothing arrives or is aborted; each of them only decodes. */
  repeatable(): number;
  /** Takes effect of the step in progress and those after it, `steps` in all and at most `repeatable()`; the next one is in progress then. */
  repeat(steps: number): void;
  /** Takes effect of the step that is in progress. */
  end(nowMs: number): readonly Sequence[];
  durationMs(work: StepWork): number;
  /** `begin` and `end` in one; undefined when there is nothing to do. */
  step(nowMs: number): Step | undefined;
}

export function createTwinCore(options: TwinCoreOptions): TwinCore {
  const blockSize = options.blockSize ?? 16;
  const kv = new KvCache({
    blocks: options.kvBlocks ?? Math.max(1, Math.floor(options.profile.kvTokens / blockSize)),
    blockSize,
    prefixCaching: options.prefixCaching ?? true,
    onRemoved: options.kvObserver === undefined ? undefined : (hash) => options.kvObserver?.removed(hash),
  });
  const limits: SchedulerLimits = { maxBatchedTokens: options.maxBatchedTokens ?? 8192, maxNumSeqs: options.maxNumSeqs ?? 256 };
  const queues: Queues = { running: [], waiting: [] };
  const counters: CacheCounters = { queriedTokens: 0, hitTokens: 0, preemptions: 0 };
  let emitted: Sequence[] = [];
  let decodeOnly = false;

  const check = (promptTokens: number, outputTokens: number): void => {
    const kvTokens = kv.blocks * blockSize;
    if (promptTokens + outputTokens <= kvTokens) return;
    throw new PlatformError('context_length_exceeded', {
      message: `the prompt and the answer need ${promptTokens + outputTokens} tokens of KV memory, the engine has ${kvTokens}`,
      details: { promptTokens, outputTokens, kvTokens },
    });
  };

  const add = (sequenceOptions: SequenceOptions): Sequence => {
    const sequence = createSequence(sequenceOptions);
    check(sequence.promptTokens, sequence.outputTokens);
    queues.waiting.push(sequence);
    return sequence;
  };

  const drop = (sequence: Sequence): void => {
    remove(sequence.state === 'running' ? queues.running : queues.waiting, sequence);
    kv.release(sequence.table);
    sequence.state = 'finished';
    sequence.scheduled = 0;
  };

  const begin = (nowMs: number): StepWork | undefined => {
    const preemptions = counters.preemptions;
    const work = scheduleStep(queues, kv, { limits, counters, nowMs });
    decodeOnly = work.decodeSequences > 0 && work.decodeSequences === queues.running.length && counters.preemptions === preemptions;
    return work.prefillTokens + work.decodeSequences === 0 ? undefined : work;
  };

  const end = (nowMs: number): readonly Sequence[] => {
    const out: Sequence[] = emitted;
    out.length = 0;
    let finished = 0;
    for (const sequence of queues.running) {
      if (sequence.scheduled === 0) continue;
      advance(sequence, kv, options.kvObserver);
      if (sequence.computed < sequence.promptTokens + sequence.generated) continue;
      sequence.generated += 1;
      if (sequence.firstTokenMs < 0) sequence.firstTokenMs = nowMs;
      out.push(sequence);
      if (sequence.generated >= sequence.outputTokens) finished += 1;
    }
    if (finished > 0) finish(queues.running, kv);
    emitted = out;
    return out;
  };

  return {
    kv,
    limits,
    queues,
    counters,
    check,
    add,
    begin,
    end,
    repeatable: () => (decodeOnly ? repeatableSteps(queues.running, kv) : 0),
    repeat: (steps) => repeatSteps(queues.running, kv, steps),
    abort: (sequence) => {
      if (sequence.state !== 'finished') drop(sequence);
    },
    letGo: (sequence) => {
      if (sequence.state === 'finished') kv.release(sequence.table);
    },
    durationMs: (work) => stepTimeMs(options.profile, work),
    step: (nowMs) => {
      const work = begin(nowMs);
      if (work === undefined) return undefined;
      const durationMs = stepTimeMs(options.profile, work);
      return { durationMs, work, emitted: end(nowMs + durationMs) };
    },
  };
}

function advance(sequence: Sequence, kv: KvCache, observer: KvCacheObserver | undefined): void {
  sequence.computed += sequence.scheduled;
  sequence.scheduled = 0;
  const full = Math.min(Math.floor(sequence.computed / kv.blockSize), sequence.hashes.length);
  for (; sequence.published < full; sequence.published += 1) {
    const fresh = kv.publish(sequence.table[sequence.published] ?? 0, sequence.hashes[sequence.published] ?? -1);
    if (fresh) observer?.stored(sequence.hashes, sequence.published);
  }
}

/** Removes what is complete and keeps the order of the rest. */
function finish(running: Sequence[], kv: KvCache): void {
  let kept = 0;
  for (const sequence of running) {
    if (sequence.generated >= sequence.outputTokens) {
      if (!sequence.keepsBlocks) kv.release(sequence.table);
      sequence.state = 'finished';
    } else {
      running[kept] = sequence;
      kept += 1;
    }
  }
  running.length = kept;
}

function remove(list: Sequence[], sequence: Sequence): void {
  const index = list.indexOf(sequence);
  if (index >= 0) list.splice(index, 1);
}
