import type { Clock } from '#time';
import type { LoadTestOptions } from '../options.ts';
import type { Tokenizing } from '../prompts/make-prompt.ts';
import type { Dialect } from '../request/dialect.ts';
import type { RequestSample } from '../request/request-sample.ts';
import { sendRequest } from '../request/send-request.ts';
import type { Target } from '../request/target.ts';
import type { PlannedRequest, StagePlan } from './plan-stage.ts';

export interface StageContext {
  readonly target: Target;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly options: LoadTestOptions;
  readonly model: string;
  readonly maxModelLength: number | null;
  readonly dialect: Dialect;
  readonly tokenizing: Tokenizing;
  readonly onChange?: ((state: StageState) => void) | undefined;
}

interface StageState {
  readonly done: number;
  readonly failed: number;
  readonly inFlight: number;
}

export interface StageRun {
  readonly samples: readonly RequestSample[];
  readonly sent: number;
  readonly durationMs: number;
  readonly peakConcurrency: number;
  /** False when it was stopped before all was sent. */
  readonly complete: boolean;
}

/** Runs one stage to its end or until the signal stops it: requests in flight are then cut, and counted as cancelled. */
export async function runStage(plan: StagePlan, context: StageContext): Promise<StageRun> {
  const { clock, signal } = context;
  const startMs = clock.monotonicMs();
  const samples: RequestSample[] = [];
  const inFlight = new Set<Promise<void>>();
  let sent = 0;
  let peak = 0;
  let failed = 0;

  const report = (): void => context.onChange?.({ done: samples.length, failed, inFlight: inFlight.size });
  const launch = (planned: PlannedRequest, plannedMs: number): void => {
    sent += 1;
    const running = sendPlanned(planned, plannedMs, context).then((sample) => {
      samples.push(sample);
      if (sample.outcome === 'failed') failed += 1;
      inFlight.delete(running);
      report();
    });
    inFlight.add(running);
    peak = Math.max(peak, inFlight.size);
    report();
  };

  while (sent < plan.count && !signal.aborted) {
    if (plan.durationMs !== undefined && clock.monotonicMs() - startMs >= plan.durationMs) break;
    if (plan.concurrency !== null && inFlight.size >= plan.concurrency) {
      await Promise.race(inFlight);
      continue;
    }
    const planned = plan.request(sent);
    const dueMs = plan.mode === 'concurrency' ? clock.monotonicMs() : startMs + planned.atMs;
    const waitMs = dueMs - clock.monotonicMs();
    if (waitMs > 0 && !(await slept(clock, waitMs, signal))) break;
    launch(planned, dueMs);
  }
  while (inFlight.size > 0) await Promise.all(inFlight);
  return { samples, sent, durationMs: clock.monotonicMs() - startMs, peakConcurrency: peak, complete: !signal.aborted };
}

/** False when the signal cut the wait short. */
const slept = (clock: Clock, waitMs: number, signal: AbortSignal): Promise<boolean> =>
  clock.sleep(waitMs, signal).then(
    () => true,
    () => false,
  );

/** Sends what was planned, unless the model can not take it: that is a failure with a name, and not left out. */
export async function sendPlanned(planned: PlannedRequest, plannedMs: number, context: StageContext): Promise<RequestSample> {
  const { clock, options, maxModelLength } = context;
  const tokens = planned.inputTokens + planned.outputTokens;
  if (maxModelLength !== null && tokens > maxModelLength) {
    const nowMs = clock.monotonicMs();
    const errorText = `${tokens} tokens do not fit into the ${maxModelLength} of the model; not sent`;
    return {
      outcome: 'failed',
      errorKind: 'too_long',
      errorText,
      sentMs: nowMs,
      plannedMs,
      endMs: nowMs,
      chunkMs: [],
      inputTokens: 0,
      outputTokens: 0,
      cachedTokens: undefined,
    };
  }
  const { operation, streaming, timeoutMs } = options;
  return sendRequest(
    { operation, model: context.model, prompt: planned.prompt(context.tokenizing), outputTokens: planned.outputTokens, streaming },
    { ...context, timeoutMs, plannedMs, expectedInputTokens: planned.inputTokens },
  );
}
