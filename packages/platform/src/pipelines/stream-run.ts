import { PlatformError } from '@maru/api/errors';
import type { Clock } from '#time';
import type { ChangeBell, PipelineEvent } from './run-events.ts';
import { isEnded, toRun, toStep } from './run-row.ts';
import type { RunStore } from './run-store.ts';

/** How often the store is read again, for runs that another process works on. */
const POLL_MS = 1_000;

/** The events of a run, from its beginning; ends after `run-end`, or when the signal is aborted. Throws `not_found`. */
export async function* streamRun(deps: { runs: RunStore; bell: ChangeBell; clock: Clock }, runId: string, signal: AbortSignal): AsyncGenerator<PipelineEvent> {
  const told = new Map<string, 'started' | 'ended'>();
  let begun = false;
  while (!signal.aborted) {
    const pause = new AbortController();
    const timer = deps.clock.schedule(POLL_MS, () => pause.abort());
    // The wait begins before the store is read, so that no change falls between the two.
    const changed = deps.bell.wait(runId, AbortSignal.any([signal, pause.signal]));
    try {
      const found = await deps.runs.get(runId);
      if (found === undefined) throw new PlatformError('not_found', { message: `there is no run "${runId}"` });
      const run = toRun(found.row, found.steps);
      if (!begun) yield { type: 'run-queued', run: { ...run, state: 'queued' } };
      begun = true;
      for (const row of found.steps) {
        const known = told.get(row.name);
        if (known === 'ended' || row.state === 'queued') continue;
        const step = toStep(row, found.row);
        if (known === undefined) yield { type: 'step-start', step: { ...step, state: 'running' } };
        told.set(row.name, 'started');
        if (!isEnded(row.state)) continue;
        told.set(row.name, 'ended');
        yield { type: 'step-end', step };
      }
      if (isEnded(found.row.state)) {
        yield { type: 'run-end', run };
        return;
      }
      await changed;
    } finally {
      timer.cancel();
      pause.abort();
    }
  }
}
