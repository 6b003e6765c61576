import type { AdapterSlots } from './mechanisms/adapter-slots.ts';
import type { OffloadTiers } from './mechanisms/offload-tiers.ts';
import type { QueueOrder } from './mechanisms/queue-order.ts';
import type { Speculation } from './mechanisms/speculation.ts';
import type { SequenceMemory } from './memory/sequence-memory.ts';
import type { Sequence } from './sequence.ts';
import type { StepWork } from './step-time.ts';
import { type AttentionReach, addWork } from './step-work.ts';

export interface SchedulerLimits {
  /** Tokens that one step may compute. */
  readonly maxBatchedTokens: number;
  /** Sequences that may run at once. */
  readonly maxNumSeqs: number;
}

export interface Queues {
  /** In order of admission. */
  readonly running: Sequence[];
  /** In order of service. */
  readonly waiting: Sequence[];
}

/** Adds up over the life of an engine. */
export interface CacheCounters {
  /** Prompt tokens looked up, as `vllm:prefix_cache_queries`. */
  queriedTokens: number;
  /** Prompt tokens found, as `vllm:prefix_cache_hits`. */
  hitTokens: number;
  preemptions: number;
}

/** What an engine is made of; a part that is undefined is one that it does not have. */
export interface EngineParts {
  readonly limits: SchedulerLimits;
  readonly counters: CacheCounters;
  readonly blockSize: number;
  readonly memory: SequenceMemory;
  readonly order: QueueOrder;
  readonly reach: AttentionReach | undefined;
  readonly adapters: AdapterSlots | undefined;
  readonly speculation: Speculation | undefined;
  readonly tiers: OffloadTiers | undefined;
}

/**
 * Decides what the next step computes: first the running sequences, in order, then as many waiting ones as fit. A long prompt
 * is cut to the token budget; when blocks run out, a running sequence gives its own back and is computed again later.
 */
export function scheduleStep(queues: Queues, parts: EngineParts, nowMs: number): StepWork {
  const work: StepWork = { prefillTokens: 0, attentionPairs: 0, decodeSequences: 0, decodeContext: 0 };
  const preemptions = parts.counters.preemptions;
  const budget = scheduleRunning(queues, parts, work);
  if (parts.counters.preemptions === preemptions) admit(queues, parts, { work, budget, nowMs });
  if (work.draftTokens !== undefined && work.draftTokens > 0) work.addedMs = (work.addedMs ?? 0) + (parts.speculation?.draftMs ?? 0);
  return work;
}

/** Gives each running sequence its tokens; returns what is left of the budget. */
function scheduleRunning({ running, waiting }: Queues, parts: EngineParts, work: StepWork): number {
  const { memory, speculation, reach, counters } = parts;
  let budget = parts.limits.maxBatchedTokens;
  for (let index = 0; index < running.length && budget > 0; index += 1) {
    const sequence = running[index];
    if (sequence === undefined) break;
    const tokens = Math.min(budget, pendingTokens(sequence));
    const drafts = speculation === undefined || tokens > 1 || sequence.generated === 0 ? 0 : Math.min(budget - tokens, speculation.drafts(sequence));
    while (!memory.reach(sequence, sequence.computed + tokens + drafts)) {
      const place = parts.order.victim(running);
      const [victim] = running.splice(place, 1);
      if (victim === undefined) break;
      if (victim.scheduled > 0) {
        budget += victim.scheduled + victim.drafts;
        addWork(work, victim, { reach, sign: -1 });
      }
      if (place < index) index -= 1;
      preempt(victim, parts);
      counters.preemptions += 1;
      parts.order.enterAgain(waiting, victim);
      if (victim === sequence) break;
    }
    if (sequence.state !== 'running') break;
    sequence.scheduled = tokens;
    sequence.drafts = drafts;
    budget -= tokens + drafts;
    addWork(work, sequence, { reach, sign: 1 });
  }
  return budget;
}

interface Admission {
  readonly work: StepWork;
  readonly budget: number;
  readonly nowMs: number;
}

function admit({ running, waiting }: Queues, parts: EngineParts, { work, budget, nowMs }: Admission): void {
  const { memory, counters, adapters, tiers, blockSize } = parts;
  let left = budget;
  /** Place of the next one to look at: those before it wait for the slot of an adapter. */
  let place = 0;
  while (left > 0 && running.length < parts.limits.maxNumSeqs) {
    const sequence = waiting[place];
    if (sequence === undefined) break;
    if (adapters !== undefined && sequence.adapter !== undefined && !adapters.admits(sequence.adapter)) {
      place += 1;
      continue;
    }
    const known = sequence.promptTokens + sequence.generated;
    // The last known token is always computed: its output is the next token.
    const limit = Math.floor((known - 1) / blockSize);
    const cached = memory.match(sequence.hashes, limit);
    const offloaded = tiers === undefined ? 0 : tiers.match(sequence.hashes, { from: cached, to: limit });
    const found = Math.max((cached + offloaded) * blockSize, Math.min(sequence.received, known - 1));
    const tokens = Math.min(left, known - found);
    if (!memory.open(sequence, { cached, total: Math.ceil((found + tokens) / blockSize) })) break;
    if (place === 0) waiting.shift();
    else waiting.splice(place, 1);
    running.push(sequence);
    sequence.state = 'running';
    sequence.computed = found;
    sequence.published = cached;
    sequence.scheduled = tokens;
    if (tiers !== undefined) work.transferMs = (work.transferMs ?? 0) + tiers.fetch(sequence.hashes, { from: cached, to: cached + offloaded });
    if (sequence.cachedTokens < 0) {
      tiers?.count(sequence.promptTokens - cached * blockSize, offloaded * blockSize);
      sequence.cachedTokens = sequence.computed;
      sequence.admittedMs = nowMs;
      counters.queriedTokens += sequence.promptTokens;
      counters.hitTokens += cached * blockSize;
    }
    if (adapters !== undefined && sequence.adapter !== undefined) work.addedMs = (work.addedMs ?? 0) + adapters.enter(sequence.adapter);
    left -= tokens;
    addWork(work, sequence, { reach: parts.reach, sign: 1 });
  }
}

/** Tokens that are known and not yet computed; one while it decodes. */
const pendingTokens = (sequence: Sequence): number => sequence.promptTokens + sequence.generated - sequence.computed;

/** Takes a sequence's memory away; all that it has is computed again when it is admitted the next time. */
export function preempt(sequence: Sequence, parts: EngineParts): void {
  parts.memory.release(sequence);
  if (sequence.adapter !== undefined) parts.adapters?.leave(sequence.adapter);
  sequence.state = 'waiting';
  sequence.computed = 0;
  sequence.received = 0;
  sequence.scheduled = 0;
  sequence.drafts = 0;
  sequence.published = 0;
  sequence.preemptions += 1;
}
