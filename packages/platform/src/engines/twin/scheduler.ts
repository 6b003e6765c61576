import type { KvCache } from './kv-cache.ts';
import type { Sequence } from './sequence.ts';
import type { StepWork } from './step-time.ts';

export interface SchedulerLimits {
  /** Tokens that one step may compute. */
  readonly maxBatchedTokens: number;
  /** Sequences that may run at once. */
  readonly maxNumSeqs: number;
}

export interface Queues {
  /** In order of admission. */
  readonly running: Sequence[];
  /** First come, first served; preempted sequences go to the head. */
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

/**
 * Decides what the next step computes: first the running sequences, in order, then as many waiting ones as fit. A long prompt
 * is cut to the token budget; when blocks run out, the youngest running sequence gives its own back and is computed again later.
 */
export function scheduleStep(queues: Queues, kv: KvCache, context: { limits: SchedulerLimits; counters: CacheCounters; nowMs: number }): StepWork {
  const { limits, counters } = context;
  const work: StepWork = { prefillTokens: 0, attentionPairs: 0, decodeSequences: 0, decodeContext: 0 };
  let budget = limits.maxBatchedTokens;
  let preempted = false;

  for (let index = 0; index < queues.running.length && budget > 0; index += 1) {
    const sequence = queues.running[index];
    if (sequence === undefined) break;
    const tokens = Math.min(budget, pendingTokens(sequence));
    const blocks = blocksFor(sequence.computed + tokens, kv.blockSize);
    while (blocks > sequence.table.length && !kv.grow(sequence.table, blocks)) {
      preempted = true;
      const victim = queues.running.pop();
      if (victim === undefined) break;
      preempt(victim, kv);
      counters.preemptions += 1;
      queues.waiting.unshift(victim);
      if (victim === sequence) break;
    }
    if (sequence.state !== 'running') break;
    sequence.scheduled = tokens;
    budget -= tokens;
    addWork(work, sequence);
  }

  while (!preempted && budget > 0 && queues.running.length < limits.maxNumSeqs) {
    const sequence = queues.waiting[0];
    if (sequence === undefined) break;
    const known = sequence.promptTokens + sequence.generated;
    // The last known token is always computed: its output is the next token.
    const cached = kv.match(sequence.hashes, Math.floor((known - 1) / kv.blockSize));
    const found = Math.max(cached * kv.blockSize, Math.min(sequence.received, known - 1));
    const tokens = Math.min(budget, known - found);
    if (!kv.open(sequence.table, sequence.hashes, { cached, total: blocksFor(found + tokens, kv.blockSize) })) break;
    queues.waiting.shift();
    queues.running.push(sequence);
    sequence.state = 'running';
    sequence.computed = found;
    sequence.published = cached;
    sequence.scheduled = tokens;
    if (sequence.cachedTokens < 0) {
      sequence.cachedTokens = sequence.computed;
      sequence.admittedMs = context.nowMs;
      counters.queriedTokens += sequence.promptTokens;
      counters.hitTokens += cached * kv.blockSize;
    }
    budget -= tokens;
    addWork(work, sequence);
  }
  return work;
}

/** Tokens that are known and not yet computed; one while it decodes. */
const pendingTokens = (sequence: Sequence): number => sequence.promptTokens + sequence.generated - sequence.computed;

const blocksFor = (tokens: number, blockSize: number): number => Math.ceil(tokens / blockSize);

function preempt(sequence: Sequence, kv: KvCache): void {
  kv.release(sequence.table);
  sequence.state = 'waiting';
  sequence.computed = 0;
  sequence.received = 0;
  sequence.scheduled = 0;
  sequence.published = 0;
  sequence.preemptions += 1;
}

function addWork(work: StepWork, sequence: Sequence): void {
  if (sequence.scheduled === 1 && sequence.generated > 0) {
    work.decodeSequences += 1;
    work.decodeContext += sequence.computed + 1;
    return;
  }
  work.prefillTokens += sequence.scheduled;
  work.attentionPairs += sequence.scheduled * (sequence.computed + sequence.scheduled / 2);
}
