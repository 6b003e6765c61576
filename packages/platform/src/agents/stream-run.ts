import { PlatformError } from '@maru/api/errors';
import type { RunStep } from '@maru/api/records';
import type { Store } from '#store';
import type { Clock } from '#time';
import { type RunEvent, type RunHub, stepOf } from './run-events.ts';
import { isEnded, toRun } from './run-row.ts';
import type { RunStore } from './run-store.ts';
import { readSteps } from './step-log.ts';
import { readArguments } from './tool-calls.ts';

export interface StreamOptions {
  readonly signal: AbortSignal;
  /** Only what happened after this step; the whole run when absent. */
  readonly afterStep?: number;
}

export interface StreamDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly runs: RunStore;
  readonly hub: RunHub;
}

/** How often the log is read again, for runs that another process works on. */
const POLL_MS = 500;

/**
 * The events of a run: those that have happened out of the log, then the others as they come.
 * Ends after `run-end`, or when the signal is aborted. Throws `not_found` for an unknown run.
 */
export async function* streamRun(deps: StreamDeps, runId: string, options: StreamOptions): AsyncGenerator<RunEvent> {
  const { store, clock, runs, hub } = deps;
  const watch = hub.subscribe(runId);
  const told: Told = { steps: new Map(), toolStarts: new Set() };
  const first = (options.afterStep ?? -1) + 1;
  try {
    let row = await runs.get(runId);
    if (row === undefined) throw new PlatformError('not_found', { message: `there is no run "${runId}"` });
    if (options.afterStep === undefined) yield { type: 'run-queued', run: { ...toRun(row), state: 'queued' } };
    let seenText = watch.textSoFar;
    for (;;) {
      const steps = await readSteps(store, runId, first);
      for (const step of steps) {
        yield* newEvents(step, told);
        const open = seenText.get(step.index);
        if (open !== undefined && told.steps.get(step.index) === 'open') yield { type: 'text-delta', text: open.text, index: step.index, kind: open.kind };
      }
      seenText = new Map();
      if (row !== undefined && isEnded(row.state)) {
        yield { type: 'run-end', run: toRun(row) };
        return;
      }
      let ended = false;
      do {
        for (const event of watch.take()) {
          if (event.type === 'run-end') ended = true;
          else if (isNews(event, told, first)) yield event;
        }
        if (ended || options.signal.aborted) break;
      } while (await waitForEvent(watch, clock, options.signal));
      if (options.signal.aborted) return;
      // The log has the last word: a run that ended elsewhere sends no events here.
      row = await runs.get(runId);
    }
  } finally {
    watch.close();
  }
}

/** What a watcher knows already. */
interface Told {
  readonly steps: Map<number, 'open' | 'waiting' | 'ended'>;
  readonly toolStarts: Set<number>;
}

/** True when an event has come, false when it is time to read the log. */
async function waitForEvent(watch: { wait(signal: AbortSignal): Promise<void> }, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const pause = new AbortController();
  const timer = clock.schedule(POLL_MS, () => pause.abort());
  const both = AbortSignal.any([signal, pause.signal]);
  await watch.wait(both);
  timer.cancel();
  return !both.aborted;
}

/** Marks the progress that an event makes; false for what the watcher knows from the log. */
function isNews(event: RunEvent, { steps, toolStarts }: Told, first: number): boolean {
  const index = stepOf(event);
  if (index === undefined || index < first || steps.get(index) === 'ended') return false;
  if (event.type === 'step-start') {
    const next = event.step.state === 'waiting' ? 'waiting' : 'open';
    if (steps.get(index) === next) return false;
    steps.set(index, next);
  }
  if (event.type === 'tool-start') {
    if (toolStarts.has(index)) return false;
    toolStarts.add(index);
  }
  if (event.type === 'step-end') steps.set(index, 'ended');
  return true;
}

/** What the log says of a step that the watcher does not know yet. */
function* newEvents(step: RunStep, { steps, toolStarts }: Told): Generator<RunEvent> {
  const known = steps.get(step.index);
  const { index } = step;
  if (known === 'ended') return;
  const now = step.state === 'waiting' ? 'waiting' : isEnded(step.state) ? 'ended' : 'open';
  if (known === now) return;
  steps.set(index, now);
  if (known === undefined || known === 'waiting') {
    yield { type: 'step-start', step: { ...step, state: now === 'waiting' ? 'waiting' : 'running' } };
    if (step.kind === 'tool' && now !== 'waiting' && !toolStarts.has(index)) {
      toolStarts.add(index);
      yield { type: 'tool-start', ...toolOf(step), arguments: inputOf(step).arguments, index };
    }
  }
  if (now !== 'ended') return;
  if (step.kind === 'tool') {
    const result = readArguments((step.output as { content?: string } | undefined)?.content ?? '');
    yield { type: 'tool-end', ...toolOf(step), result, ...(step.error === undefined ? {} : { error: step.error.message }), index };
  } else if (known === undefined || known === 'waiting') {
    const text = (step.output as { content?: string } | null | undefined)?.content ?? '';
    if (text !== '') yield { type: 'text-delta', text, index, kind: step.kind };
  }
  yield { type: 'step-end', step };
}

const inputOf = (step: RunStep): { callId?: string; arguments?: unknown } => (step.input ?? {}) as { callId?: string; arguments?: unknown };
const toolOf = (step: RunStep): { callId: string; tool: string } => ({ callId: inputOf(step).callId ?? '', tool: step.name });
