import type { Score, Usage } from '@maru/api/records';

/** A passage that the target answered from, best first. */
export interface TargetPassage {
  readonly document: string;
  readonly heading?: string | null;
  readonly text: string;
  /** For people; made of document and heading when missing. */
  readonly citation?: string;
}

export interface TargetReply {
  readonly answer: string;
  readonly passages: readonly TargetPassage[];
  readonly traceId: string | null;
  readonly usage: Usage | null;
  readonly costNanoUsd: number | null;
}

/** What is measured: an agent, a model or a knowledge base. */
export interface Target {
  /** Throws a PlatformError when there is no answer; `session` is new for every row. */
  ask(input: string, options: { readonly signal: AbortSignal; readonly session: string }): Promise<TargetReply>;
}

/** A model that judges. */
export interface Judge {
  /** The text of its answer. Throws a PlatformError when there is none. */
  ask(prompt: string, signal: AbortSignal): Promise<string>;
}

/** Where scores are shown beside the trace that they judge. */
export interface ScoreSink {
  addScore(score: Omit<Score, 'id' | 'atMs'> & { readonly tenant: string; readonly id?: string }): Promise<unknown>;
}
