import type { LoadReport, LoadStage } from '@maru/api/records';
import type { StepWork } from '../step-time.ts';
import type { MeasuredTime, Measurements } from './measured-time.ts';

/** Prompt tokens that one step of the server may compute, unless it is told otherwise. */
const BATCHED_TOKENS = 8192;

/**
 * Times of a load test that are about one step. Without a queue, the median TTFT is one prompt's way through the engine; with
 * `n` requests in flight, the median time between two tokens is a decoding step of `n` sequences. Rates and traces mix too much
 * to tell one step, so only stages of a fixed concurrency are read.
 */
export function readLoadReport(report: LoadReport): Measurements {
  const { target } = report;
  return {
    times: report.stages.filter((stage) => stage.mode === 'concurrency').flatMap(timesOf),
    source: `measured on ${report.measuredAt.slice(0, 10)} with maru bench ${report.client.version} against ${target.model} at ${target.url}${target.simulated ? ', which is simulated' : ''}`,
    gpu: 'unknown',
    title: `${target.model} as served at ${target.url}`,
    simulated: target.simulated,
    kvTokens: undefined,
  };
}

function timesOf(stage: LoadStage): readonly MeasuredTime[] {
  const { ttftMs, itlMs, inputLength, outputLength, concurrency } = stage;
  if (inputLength === null || concurrency === null || stage.requests.completed === 0) return [];
  const times: MeasuredTime[] = [];
  const cached = (stage.cachedTokens ?? 0) / stage.requests.completed;
  const prompt = inputLength.mean - cached;
  if (concurrency === 1 && ttftMs !== null && prompt >= 1) {
    const name = `first token of ${Math.round(prompt)} prompt tokens${cached > 0 ? ` after ${Math.round(cached)}` : ''}`;
    times.push({ series: 'ttft', name, steps: chunks(prompt, cached), requests: 1, measuredMs: ttftMs.p50 });
  }
  if (itlMs !== null && outputLength !== null) {
    const context = inputLength.mean + outputLength.mean / 2;
    const work: StepWork = { prefillTokens: 0, attentionPairs: 0, decodeSequences: concurrency, decodeContext: concurrency * context };
    times.push({ series: 'itl', name: `${concurrency} sequences of ${Math.round(context)}`, steps: [work], requests: 0, measuredMs: itlMs.p50 });
  }
  return times.filter((time) => time.measuredMs > 0);
}

/** The steps of a prompt that is longer than one step may compute. */
function chunks(prompt: number, context: number): StepWork[] {
  const steps: StepWork[] = [];
  for (let done = 0; done < prompt; done += BATCHED_TOKENS) {
    const tokens = Math.min(BATCHED_TOKENS, prompt - done);
    steps.push({ prefillTokens: tokens, attentionPairs: tokens * (context + done + tokens / 2), decodeSequences: 0, decodeContext: 0 });
  }
  return steps;
}
