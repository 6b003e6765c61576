import { isPlatformError, toPlatformError } from '@maru/api/errors';
import { backoffMs } from '#time';
import type { BatchContext } from '../batch-context.ts';
import type { BatchInfo } from '../batch-info.ts';
import { collectPart } from './collect-part.ts';
import { endLines } from './end-lines.ts';
import type { BatchPart } from './part-store.ts';
import { lookAfterMs, submitPart } from './submit-part.ts';

/** Between two looks at a batch that is being cancelled. */
const CANCELLING_MS = 5000;
/** After the end of its time a batch waits so long for what its provider has still answered. */
const GRACE_MS = 2 * 3_600_000;

export interface DriveOptions {
  readonly context: BatchContext;
  readonly signal: AbortSignal;
  /** Nothing more is to run: the batch is cancelled, or its time is over. */
  readonly ends: boolean;
}

/** Does the next step of each part that is due. Returns when to look again; undefined where no part is left. */
export async function driveParts(batch: BatchInfo, options: DriveOptions): Promise<number | undefined> {
  const { context } = options;
  for (const part of await context.parts.parts(batch.id)) {
    options.signal.throwIfAborted();
    const due = part.lookMs <= context.clock.nowMs() || (options.ends && part.state !== 'cancelling');
    if (due) await step(batch, part, options);
  }
  const left = await context.parts.parts(batch.id);
  return left.length === 0 ? undefined : Math.min(...left.map((part) => part.lookMs));
}

async function step(batch: BatchInfo, part: BatchPart, options: DriveOptions): Promise<void> {
  const { context, signal, ends } = options;
  const { parts, clock, ports } = context;
  const nowMs = clock.nowMs();
  const endAll = async (code: string, message: string): Promise<void> => {
    await endLines(part, context, { code, message });
    await parts.remove(part.id);
  };
  if (nowMs > batch.expiresMs + GRACE_MS) return endAll('batch_expired', 'the provider did not answer before the time of the batch was over');
  // What was never submitted is given up at once.
  if (ends && part.state === 'open')
    return endAll(batch.state === 'cancelling' ? 'batch_cancelled' : 'batch_expired', 'the batch ended before this request was handed over to its provider');
  const remote = ports.remote(part.api);
  if (remote === undefined) return parts.change(part.id, { lookMs: nowMs + context.limits.lookMs });
  try {
    if (part.state === 'open' || part.state === 'submitting') return await submitPart(batch, part, { context, remote, signal });
    const handle = part.handle ?? '';
    if (part.state === 'collecting') return await collectPart(batch, part, { context, remote, signal });
    const { ended, problem } = await remote.look(handle, signal);
    if (ended && problem !== undefined) return await endAll('batch_failed', problem);
    if (ended) {
      await parts.change(part.id, { state: 'collecting', tries: 0 });
      return await collectPart(batch, part, { context, remote, signal });
    }
    const cancels = ends && part.state !== 'cancelling';
    if (cancels) await remote.cancel(handle, signal);
    await parts.change(part.id, { ...(cancels ? { state: 'cancelling' } : {}), lookMs: nowMs + (ends ? CANCELLING_MS : lookAfterMs(part, context)), tries: 0 });
  } catch (thrown) {
    signal.throwIfAborted();
    const error = isPlatformError(thrown) ? thrown : toPlatformError(thrown);
    // A refusal is final; everything else may pass, and is tried until the time of the batch is over.
    if (error.code === 'upstream_rejected' && part.handle === null) return endAll(error.code, error.message);
    const tries = part.tries + 1;
    context.log.warn({ batch: batch.id, part: part.id, code: error.code, tries }, 'a batch API did not answer; it is asked again');
    const waitMs = backoffMs(tries, { baseMs: 1000, maxMs: context.limits.lookMs * 10, random: () => context.ids.random() });
    await parts.change(part.id, { tries, lookMs: clock.nowMs() + waitMs });
  }
}
