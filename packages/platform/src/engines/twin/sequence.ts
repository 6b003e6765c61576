/** Why a sequence ended. */
export type FinishReason = 'stop' | 'length' | 'abort';

/** Told about the progress of a sequence; called at the end of a step. */
export interface SequenceListener {
  /** More tokens are there: `sequence.lastTokens` of them. */
  onToken(sequence: Sequence, atMs: number): void;
  /** The last token was told before; blocks are free again. */
  onFinish(sequence: Sequence, atMs: number): void;
}

/** One request inside the engine. Only the scheduler changes it. */
export interface Sequence {
  readonly promptTokens: number;
  /** Tokens that it will generate. */
  readonly outputTokens: number;
  /** Chained hashes of its full blocks: those of the prompt, then those of the answer where they are known. */
  readonly hashes: ArrayLike<number>;
  readonly listener: SequenceListener;
  readonly arrivalMs: number;
  /** Its blocks stay in memory when it ends, for another engine, until `letGo`. */
  readonly keepsBlocks: boolean;
  /** The lower, the sooner, where the engine schedules by priority; 0 where nobody says. */
  readonly priority: number;
  /** LoRA adapter that it needs; the base model where absent. */
  readonly adapter: string | undefined;
  /** Leading tokens whose keys and values came from another engine; none after a preemption. */
  received: number;
  state: 'waiting' | 'running' | 'finished';
  /** Tokens whose keys and values are in memory. */
  computed: number;
  generated: number;
  /** Tokens that the step in progress computes. */
  scheduled: number;
  /** Drafted tokens that it checks beside. */
  drafts: number;
  /** Tokens that the last step gave it. */
  lastTokens: number;
  /** Blocks in order of position. */
  readonly table: number[];
  /** Those of further groups of layers, where the model has such. */
  readonly moreTables: number[][];
  /** Blocks of the table that are published or were found. */
  published: number;
  /** Prompt tokens found in the cache when it was first admitted. */
  cachedTokens: number;
  preemptions: number;
  admittedMs: number;
  firstTokenMs: number;
  lastTokenMs: number;
}

export type SequenceOptions = Pick<Sequence, 'promptTokens' | 'outputTokens' | 'hashes' | 'listener' | 'arrivalMs'> &
  Partial<Pick<Sequence, 'keepsBlocks' | 'received' | 'priority' | 'adapter'>>;

export function createSequence(options: SequenceOptions): Sequence {
  return {
    promptTokens: Math.max(1, options.promptTokens),
    outputTokens: Math.max(1, options.outputTokens),
    hashes: options.hashes,
    listener: options.listener,
    arrivalMs: options.arrivalMs,
    keepsBlocks: options.keepsBlocks ?? false,
    priority: options.priority ?? 0,
    adapter: options.adapter,
    received: options.received ?? 0,
    state: 'waiting',
    computed: 0,
    generated: 0,
    scheduled: 0,
    drafts: 0,
    lastTokens: 0,
    table: [],
    moreTables: [],
    published: 0,
    cachedTokens: -1,
    preemptions: 0,
    admittedMs: -1,
    firstTokenMs: -1,
    lastTokenMs: -1,
  };
}
