import { isPlatformError, PlatformError, toPlatformError } from '@maru/api/errors';
import type { RunState } from '@maru/api/records';
import { durationToMs, type Pipeline, type PipelineStep } from '@maru/api/resources';
import type { Log } from '#telemetry';
import { backoffMs, type Clock, type Ids } from '#time';
import { abortable } from './abortable.ts';
import { ancestorsOf, planSteps } from './plan-steps.ts';
import type { Measured, PipelinePorts } from './ports.ts';
import type { ChangeBell } from './run-events.ts';
import { type RunRow, readJson, type StepRow } from './run-row.ts';
import { runStep } from './run-step.ts';
import type { Claim, Ending, RunStore } from './run-store.ts';

export interface DriveDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly ports: PipelinePorts;
  readonly runs: RunStore;
  readonly bell: ChangeBell;
}

export interface DriveInput {
  readonly claim: Claim;
  readonly row: RunRow;
  readonly steps: readonly StepRow[];
  /** Aborted with `cancelled`, `shutting_down` or `lease_lost`. */
  readonly signal: AbortSignal;
}

/** Works on a claimed run to its end; `undefined` when it was given up to another process. */
export async function driveRun(deps: DriveDeps, input: DriveInput): Promise<Ending | undefined> {
  const { claim, row, signal } = input;
  const pipeline = readJson(row.resource, `pipeline of run ${row.id}`) as Pipeline;
  const states = new Map<string, RunState>();
  const outputs = new Map<string, unknown>();
  for (const step of input.steps) {
    // A step that was running when its process died is run again under the same idempotency key.
    states.set(step.name, step.state === 'running' ? 'queued' : (step.state as RunState));
    if (step.output !== null) outputs.set(step.name, readJson(step.output, `result of ${step.name}`));
  }
  const running = new Map<string, Promise<void>>();
  const drive: Drive = { deps, input, pipeline, states, outputs };
  for (;;) {
    if (signal.aborted) break;
    const next = planSteps(pipeline.spec.steps, states);
    for (const name of next.skipped) await skip(drive, name);
    for (const step of pipeline.spec.steps) {
      if (!next.ready.includes(step.name)) continue;
      states.set(step.name, 'running');
      running.set(
        step.name,
        workOn(drive, step).finally(() => running.delete(step.name)),
      );
    }
    if (running.size === 0 && next.skipped.length === 0) break;
    if (running.size > 0) await Promise.race(running.values());
  }
  await Promise.allSettled(running.values());
  return conclude(drive, claim);
}

interface Drive {
  readonly deps: DriveDeps;
  readonly input: DriveInput;
  readonly pipeline: Pipeline;
  readonly states: Map<string, RunState>;
  readonly outputs: Map<string, unknown>;
}

/** Tries a step until it succeeds or its retries are used up. Never rejects: what went wrong is written down or ends the drive. */
async function workOn(drive: Drive, step: PipelineStep): Promise<void> {
  const { deps, input, states, outputs } = drive;
  for (let failures = 0; ; failures += 1) {
    try {
      const output = await attempt(drive, step);
      outputs.set(step.name, output);
      states.set(step.name, 'succeeded');
      return;
    } catch (thrown) {
      const error = toPlatformError(thrown, 'run_failed');
      // Left as it is: whoever goes on with the run starts this step again.
      if (error.code === 'lease_lost' || error.code === 'shutting_down') return;
      const last = error.code === 'gate_failed' || error.code === 'cancelled' || failures >= step.retries;
      if (last) {
        const state = error.code === 'cancelled' ? 'cancelled' : 'failed';
        states.set(step.name, state);
        await write(drive, () => deps.runs.endStep(input.claim, step.name, { state, error: { code: error.code, message: error.message } }));
        return;
      }
      deps.log.warn({ run: input.row.id, step: step.name, error: error.code, failures: failures + 1 }, 'step failed, trying again');
      const delayMs = backoffMs(failures, { baseMs: 1_000, maxMs: 60_000, random: () => deps.ids.random() });
      // An abort during the pause is found by the next attempt.
      await deps.clock.sleep(delayMs, input.signal).catch(() => undefined);
    }
  }
}

async function attempt(drive: Drive, step: PipelineStep): Promise<unknown> {
  const { deps, input, pipeline, outputs } = drive;
  const { row, claim } = input;
  input.signal.throwIfAborted();
  const begun = await deps.runs.beginStep(claim, step.name);
  deps.bell.ring(row.id);
  const spanId = deps.ids.spanId();
  const timeout = new AbortController();
  const timer = deps.clock.schedule(durationToMs(step.timeout), () => timeout.abort(timedOut(step)));
  const signal = AbortSignal.any([input.signal, timeout.signal]);
  const before = ancestorsOf(pipeline.spec.steps, step.name);
  const measuredBefore = (evaluation: string): Measured | undefined => {
    const source = pipeline.spec.steps.findLast((other) => other.type === 'evaluate' && other.evaluation === evaluation && before.has(other.name));
    return source === undefined ? undefined : (outputs.get(source.name) as Measured | undefined);
  };
  const context = {
    tenant: row.tenant,
    runId: row.id,
    idempotencyKey: `${row.id}/${step.name}`,
    traceparent: `00-${row.trace_id}-${spanId}-01`,
  };
  const record = (status: 'ok' | 'error', statusMessage?: string): void =>
    deps.ports.spans.record({
      traceId: row.trace_id,
      spanId,
      parentSpanId: row.span_id,
      name: step.name,
      kind: 'step',
      startMs: begun.started_ms ?? 0,
      endMs: deps.clock.nowMs(),
      status,
      ...(statusMessage === undefined ? {} : { statusMessage }),
      tenant: row.tenant,
      attributes: { 'maru.run.id': row.id, 'maru.step.kind': step.type, 'maru.step.attempt': begun.attempt },
    });
  try {
    const output = await abortable(runStep(step, { ports: deps.ports, context, signal, measuredBefore }), signal);
    await deps.runs.endStep(claim, step.name, { state: 'succeeded', output: output ?? null });
    deps.bell.ring(row.id);
    record('ok');
    return output;
  } catch (thrown) {
    const error = toPlatformError(thrown, 'run_failed');
    record('error', `${error.code}: ${error.message}`);
    throw error;
  } finally {
    timer.cancel();
  }
}

async function skip(drive: Drive, name: string): Promise<void> {
  drive.states.set(name, 'cancelled');
  const error = { code: 'cancelled', message: 'skipped: a step that it needs did not succeed' };
  await write(drive, () => drive.deps.runs.endStep(drive.input.claim, name, { state: 'cancelled', error }));
}

/** A write whose failure is found again at the end of the run, where the lease is checked once more. */
async function write(drive: Drive, change: () => Promise<unknown>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!isPlatformError(error, 'lease_lost')) drive.deps.log.error({ run: drive.input.row.id, error: String(error) }, 'step could not be written');
  }
  drive.deps.bell.ring(drive.input.row.id);
}

async function conclude(drive: Drive, claim: Claim): Promise<Ending | undefined> {
  const { deps, input, states, pipeline } = drive;
  const reason = input.signal.aborted ? toPlatformError(input.signal.reason) : undefined;
  if (reason?.code === 'lease_lost' || reason?.code === 'shutting_down') return undefined;
  if (reason !== undefined)
    for (const step of pipeline.spec.steps)
      if (states.get(step.name) === 'queued')
        await write(drive, () => deps.runs.endStep(claim, step.name, { state: 'cancelled', error: { code: reason.code, message: reason.message } }));
  const rows = (await deps.runs.get(claim.runId))?.steps ?? [];
  // Something was left behind, for example by a store that refused a write: the next process takes it up.
  if (rows.some((step) => step.state === 'running' || step.state === 'queued')) return undefined;
  if (reason !== undefined) return { state: 'cancelled', error: { code: reason.code, message: reason.message } };
  const failed = rows.find((step) => step.state === 'failed');
  if (failed === undefined) return { state: 'succeeded' };
  return { state: 'failed', error: { code: failed.error_code ?? 'run_failed', message: `step "${failed.name}": ${failed.error_message ?? 'failed'}` } };
}

const timedOut = (step: PipelineStep): PlatformError =>
  new PlatformError('run_timeout', { message: `the step "${step.name}" took longer than its timeout of ${step.timeout}` });
