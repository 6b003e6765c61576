import type { LoadReport, LoadStage } from '@maru/api/records';
import type { RequestSample } from '../request/request-sample.ts';
import { distributionOf } from './distribution.ts';
import type { StagePlan } from './plan-stage.ts';
import type { StageRun } from './run-stage.ts';

/** What the samples of a stage say; latencies are those of completed requests, failures are counted by kind. */
export function summariseStage(plan: StagePlan, run: StageRun, options: { readonly slo: LoadReport['slo']; readonly streaming: boolean }): LoadStage {
  const completed = run.samples.filter((sample) => sample.outcome === 'completed');
  const failed = run.samples.filter((sample) => sample.outcome === 'failed');
  const seconds = run.durationMs / 1000;
  const perSecond = (value: number): number => (seconds > 0 ? value / seconds : 0);
  const total = (value: (sample: RequestSample) => number): number => completed.reduce((sum, sample) => sum + value(sample), 0);
  const spread = (value: (sample: RequestSample) => number | undefined) => distributionOf(completed.flatMap((sample) => value(sample) ?? []));
  const streamed = (value: (sample: RequestSample) => number | undefined) => (options.streaming ? spread(value) : null);
  const within = hasSlo(options.slo) ? completed.filter((sample) => meets(sample, options.slo, options.streaming)).length : null;
  const cached = completed.filter((sample) => sample.cachedTokens !== undefined);
  return {
    name: plan.name,
    mode: plan.mode,
    concurrency: plan.concurrency,
    ratePerS: plan.ratePerS,
    complete: run.complete,
    durationMs: run.durationMs,
    requests: {
      planned: plan.durationMs === undefined ? plan.count : run.sent,
      sent: run.sent,
      completed: completed.length,
      failed: failed.length,
      cancelled: run.samples.length - completed.length - failed.length,
    },
    errors: errorsOf(failed),
    inputTokens: total((sample) => sample.inputTokens),
    outputTokens: total((sample) => sample.outputTokens),
    cachedTokens: cached.length === 0 ? null : cached.reduce((sum, sample) => sum + (sample.cachedTokens ?? 0), 0),
    inputLength: spread((sample) => sample.inputTokens),
    outputLength: spread((sample) => sample.outputTokens),
    requestsPerS: perSecond(completed.length),
    inputTokensPerS: perSecond(total((sample) => sample.inputTokens)),
    outputTokensPerS: perSecond(total((sample) => sample.outputTokens)),
    peakOutputTokensPerS: peakTokens(completed),
    peakConcurrency: run.peakConcurrency,
    goodputPerS: within === null ? null : perSecond(within),
    withinSlo: within === null || run.sent === 0 ? null : within / run.sent,
    ttftMs: streamed(ttftOf),
    secondTokenMs: streamed((sample) => gap(sample.chunkMs, 1)),
    tpotMs: streamed(tpotOf),
    itlMs: options.streaming
      ? distributionOf(completed.flatMap((sample) => sample.chunkMs.slice(1).map((_, index) => gap(sample.chunkMs, index + 1) ?? 0)))
      : null,
    e2eMs: spread(e2eOf),
    outputTokensPerSPerUser: spread((sample) => (e2eOf(sample) > 0 ? (sample.outputTokens * 1000) / e2eOf(sample) : undefined)),
    sendDelayMs: distributionOf(run.samples.map((sample) => Math.max(0, sample.sentMs - sample.plannedMs))),
  };
}

const ttftOf = (sample: RequestSample): number | undefined => {
  const first = sample.chunkMs[0];
  return first === undefined ? undefined : first - sample.sentMs;
};
const e2eOf = (sample: RequestSample): number => (sample.chunkMs.at(-1) ?? sample.endMs) - sample.sentMs;
const gap = (times: readonly number[], index: number): number | undefined => {
  const [before, at] = [times[index - 1], times[index]];
  return before === undefined || at === undefined ? undefined : at - before;
};

/** Mean time per token after the first; undefined for an answer of one token. */
function tpotOf(sample: RequestSample): number | undefined {
  const [first, last] = [sample.chunkMs[0], sample.chunkMs.at(-1)];
  return first === undefined || last === undefined || sample.outputTokens < 2 ? undefined : (last - first) / (sample.outputTokens - 1);
}

const hasSlo = (slo: LoadReport['slo']): boolean => slo.ttftMs !== null || slo.tpotMs !== null || slo.e2eMs !== null;

function meets(sample: RequestSample, slo: LoadReport['slo'], streaming: boolean): boolean {
  const under = (value: number | undefined, bound: number | null): boolean => bound === null || value === undefined || value <= bound;
  return under(e2eOf(sample), slo.e2eMs) && (!streaming || (under(ttftOf(sample), slo.ttftMs) && under(tpotOf(sample), slo.tpotMs)));
}

function errorsOf(failed: readonly RequestSample[]): LoadStage['errors'] {
  const kinds = new Map<string, { count: number; example: string }>();
  for (const { errorKind = 'unknown', errorText = '' } of failed) {
    const known = kinds.get(errorKind);
    if (known === undefined) kinds.set(errorKind, { count: 1, example: errorText });
    else known.count += 1;
  }
  return [...kinds].map(([kind, entry]) => ({ kind, ...entry })).sort((left, right) => right.count - left.count);
}

/** Most output tokens that came within one second, by seconds from the first arrival; a chunk has its share of the tokens. */
function peakTokens(completed: readonly RequestSample[]): number {
  const startMs = completed.reduce((least, sample) => Math.min(least, sample.sentMs), Number.POSITIVE_INFINITY);
  const bySecond = new Map<number, number>();
  for (const sample of completed) {
    const share = sample.outputTokens / Math.max(1, sample.chunkMs.length);
    for (const atMs of sample.chunkMs) {
      const second = Math.floor((atMs - startMs) / 1000);
      bySecond.set(second, (bySecond.get(second) ?? 0) + share);
    }
  }
  return [...bySecond.values()].reduce((most, value) => Math.max(most, value), 0);
}
