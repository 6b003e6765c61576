import { PlatformError } from '@maru/api/errors';
import { repeatableSteps, repeatSteps } from './decode-run.ts';
import { createEngineParts, type TwinCoreOptions } from './engine-parts.ts';
import type { AdapterSlots } from './mechanisms/adapter-slots.ts';
import type { OffloadTiers } from './mechanisms/offload-tiers.ts';
import type { Speculation } from './mechanisms/speculation.ts';
import type { KvCache } from './memory/kv-cache.ts';
import { type CacheCounters, type EngineParts, preempt, type Queues, type SchedulerLimits, scheduleStep } from './scheduler.ts';
import { createSequence, type Sequence, type SequenceOptions } from './sequence.ts';
import { type StepWork, stepTimeMs } from './step-time.ts';

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
  /** Slots of LoRA adapters, of an engine that has some. */
  readonly adapters: AdapterSlots | undefined;
  /** Of an engine that drafts tokens. */
  readonly speculation: Speculation | undefined;
  /** Of an engine that keeps blocks outside of the GPU. */
  readonly tiers: OffloadTiers | undefined;
  /** Leading blocks that the cache holds, at most `limit`. Changes nothing. */
  match(hashes: ArrayLike<number>, limit: number): number;
  /** Throws `context_length_exceeded` when so many tokens can never fit into the KV memory. */
  check(promptTokens: number, outputTokens: number): void;
  /** Puts a sequence that has passed `check` into the waiting queue. */
  add(options: SequenceOptions): Sequence;
  /** Frees the sequence's blocks at once; does nothing when it has finished. */
  abort(sequence: Sequence): void;
  /** Empties the cache, and lets everything that runs wait to be computed anew. */
  forget(): void;
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
  const { kv, parts } = createEngineParts(options);
  const { memory, counters, limits, adapters, speculation, tiers } = parts;
  const queues: Queues = { running: [], waiting: [] };
  /** Equal steps can be told in a closed form where a sequence only grows by one token and one table at a time. */
  const stretches = parts.reach === undefined && speculation === undefined;
  let emitted: Sequence[] = [];
  let decodeOnly = false;

  const check = (promptTokens: number, outputTokens: number): void => {
    if (memory.mostBlocks(promptTokens + outputTokens) <= kv.blocks) return;
    const kvTokens = kv.blocks * kv.blockSize;
    throw new PlatformError('context_length_exceeded', {
      message: `the prompt and the answer need ${promptTokens + outputTokens} tokens of KV memory, the engine has ${kvTokens}`,
      details: { promptTokens, outputTokens, kvTokens },
    });
  };

  const add = (sequenceOptions: SequenceOptions): Sequence => {
    const sequence = createSequence(sequenceOptions);
    check(sequence.promptTokens, sequence.outputTokens);
    parts.order.enter(queues.waiting, sequence);
    return sequence;
  };

  const drop = (sequence: Sequence): void => {
    remove(sequence.state === 'running' ? queues.running : queues.waiting, sequence);
    if (sequence.state === 'running') leave(sequence, parts);
    memory.release(sequence);
    sequence.state = 'finished';
    sequence.scheduled = 0;
    sequence.drafts = 0;
  };

  /** Takes effect of what was scheduled: the last of the computed tokens gives the next one, and accepted drafts come with it. */
  const advance = (sequence: Sequence): void => {
    const { drafts } = sequence;
    sequence.computed += sequence.scheduled;
    sequence.scheduled = 0;
    sequence.lastTokens = 1;
    if (drafts > 0 && speculation !== undefined) {
      const accepted = speculation.accepted(drafts);
      sequence.drafts = 0;
      sequence.lastTokens += accepted;
      sequence.computed += accepted;
    }
    const full = Math.min(Math.floor(sequence.computed / kv.blockSize), sequence.hashes.length);
    for (; sequence.published < full; sequence.published += 1) {
      if (!memory.publish(sequence, sequence.published)) continue;
      options.kvObserver?.stored(sequence.hashes, sequence.published, 'GPU');
      tiers?.store(sequence.hashes, sequence.published);
    }
  };

  const begin = (nowMs: number): StepWork | undefined => {
    const preemptions = counters.preemptions;
    const work = scheduleStep(queues, parts, nowMs);
    decodeOnly = work.decodeSequences > 0 && work.decodeSequences === queues.running.length && counters.preemptions === preemptions;
    return work.prefillTokens + work.decodeSequences === 0 ? undefined : work;
  };

  const end = (nowMs: number): readonly Sequence[] => {
    const out: Sequence[] = emitted;
    out.length = 0;
    let finished = 0;
    for (const sequence of queues.running) {
      if (sequence.scheduled === 0) continue;
      advance(sequence);
      if (sequence.computed < sequence.promptTokens + sequence.generated) continue;
      sequence.generated += sequence.lastTokens;
      if (sequence.firstTokenMs < 0) sequence.firstTokenMs = nowMs;
      out.push(sequence);
      if (sequence.generated >= sequence.outputTokens) finished += 1;
    }
    if (finished > 0) finish(queues.running, parts);
    emitted = out;
    return out;
  };

  return {
    kv,
    limits,
    queues,
    counters,
    adapters,
    speculation,
    tiers,
    match: memory.match,
    check,
    add,
    begin,
    end,
    repeatable: () => (decodeOnly && stretches ? repeatableSteps(queues.running, kv) : 0),
    repeat: (steps) => repeatSteps(queues.running, kv, steps),
    abort: (sequence) => {
      if (sequence.state !== 'finished') drop(sequence);
    },
    forget: () => {
      for (let sequence = queues.running.pop(); sequence !== undefined; sequence = queues.running.pop()) {
        preempt(sequence, parts);
        parts.order.enterAgain(queues.waiting, sequence);
      }
      decodeOnly = false;
      kv.clear();
      tiers?.clear();
      options.kvObserver?.cleared();
    },
    letGo: (sequence) => {
      if (sequence.state === 'finished') memory.release(sequence);
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

/** Removes what is complete and keeps the order of the rest. */
function finish(running: Sequence[], parts: EngineParts): void {
  let kept = 0;
  for (const sequence of running) {
    if (sequence.generated >= sequence.outputTokens) {
      leave(sequence, parts);
      if (!sequence.keepsBlocks) parts.memory.release(sequence);
      sequence.state = 'finished';
    } else {
      running[kept] = sequence;
      kept += 1;
    }
  }
  running.length = kept;
}

/** A sequence that runs no more needs its adapter no more. */
function leave({ adapter }: Sequence, parts: EngineParts): void {
  if (adapter !== undefined) parts.adapters?.leave(adapter);
}

function remove(list: Sequence[], sequence: Sequence): void {
  const index = list.indexOf(sequence);
  if (index >= 0) list.splice(index, 1);
}
