import type { EndpointSignals } from './read-signals.ts';

/** What this process knows of an endpoint from its own requests. */
export interface OwnCounts {
  /** Requests that are being answered. */
  readonly inFlight: number;
  /** Prompt tokens of answers that are complete, since the first look. */
  readonly promptTokens: number;
}

/** One look at an endpoint. */
export interface Look {
  readonly atMs: number;
  readonly signals: EndpointSignals;
  readonly own: OwnCounts;
}

type SignalProblem = 'metrics-impossible' | 'metrics-lie' | 'metrics-lines-broken';

/** Prompt tokens that we must have seen computed before a counter that stands still is a lie. */
const SURE_TOKENS = 1000;
/** Looks in a row at which the engine claims to be idle while it works for us. */
const SURE_LOOKS = 5;

export interface Judgement {
  /** Whether load and memory may be believed. */
  readonly usable: boolean;
  readonly problems: readonly { readonly problem: SignalProblem; readonly detail: string }[];
  /** Its counters have gone back: the process is another one, and its cache is empty. */
  readonly restarted: boolean;
}

/** Weighs what an endpoint says against what is possible and what we know ourselves. `looks` has the newest last. */
export function judgeSignals(looks: readonly Look[]): Judgement {
  const now = looks.at(-1);
  const before = looks.at(-2);
  if (now === undefined) return { usable: false, problems: [], restarted: false };
  const { signals } = now;
  const problems: { problem: SignalProblem; detail: string }[] = [];
  const impossible = impossibleIn(signals);
  if (impossible !== undefined) problems.push({ problem: 'metrics-impossible', detail: impossible });
  const lie = impossible === undefined ? lieIn(looks) : undefined;
  if (lie !== undefined) problems.push({ problem: 'metrics-lie', detail: lie });
  const usable = problems.length === 0;
  if (signals.broken > 0) problems.push({ problem: 'metrics-lines-broken', detail: `${signals.broken} lines could not be read` });
  return { usable, problems, restarted: before !== undefined && wentBack(before.signals.promptTokens, signals.promptTokens) };
}

function impossibleIn({ running, waiting, kvUse, blocks, blockSize }: EndpointSignals): string | undefined {
  for (const [name, value] of Object.entries({ running, waiting })) {
    if (!Number.isFinite(value) || value < 0 || value > 1e6) return `${name} requests are ${value}`;
  }
  // A percentage in place of a share is possible in no dialect.
  if (kvUse !== undefined && !(kvUse >= 0 && kvUse <= 1.01)) return `the share of KV memory in use is ${kvUse}`;
  if (blocks !== undefined && !(blocks > 0 && blocks < 1e9)) return `it has ${blocks} blocks`;
  if (blockSize !== undefined && !(blockSize > 0 && blockSize <= 65_536)) return `a block has ${blockSize} tokens`;
  return undefined;
}

function lieIn(looks: readonly Look[]): string | undefined {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined || looks.length < SURE_LOOKS) return undefined;
  if (looks.slice(-SURE_LOOKS).every(({ signals, own }) => own.inFlight > 0 && signals.running + signals.waiting === 0))
    return `it says that nothing runs while it answers ${last.own.inFlight} requests of ours`;
  const ours = last.own.promptTokens - first.own.promptTokens;
  const theirs = (last.signals.promptTokens ?? Number.NaN) - (first.signals.promptTokens ?? Number.NaN);
  if (theirs === 0 && ours >= SURE_TOKENS) return `its count of prompt tokens stands still while it answered ${ours} tokens of ours`;
  return undefined;
}

const wentBack = (before: number | undefined, now: number | undefined): boolean => before !== undefined && now !== undefined && now < before;
