import type { BatchContext } from '../batch-context.ts';
import type { BatchInfo } from '../batch-info.ts';
import type { RemoteBatches } from '../ports.ts';
import type { BatchPart } from './part-store.ts';

const PAGE = 500;
const MIN_LOOK_MS = 2000;

export interface RemoteOptions {
  readonly context: BatchContext;
  readonly remote: RemoteBatches;
  readonly signal: AbortSignal;
}

/**
 * Hands a part over, at most once: that it is being handed over is written before, and a submission whose answer was lost is looked for
 * before another one is made.
 */
export async function submitPart(batch: BatchInfo, part: BatchPart, { context, remote, signal }: RemoteOptions): Promise<void> {
  const { parts, clock } = context;
  const search = { token: part.id, lines: part.lines, sinceMs: part.createdMs, exclude: part.exclude };
  const found = part.state === 'submitting' ? await remote.find(search, signal) : undefined;
  if (part.state === 'open') await parts.change(part.id, { state: 'submitting' });
  const handle = found ?? (await remote.submit({ token: part.id, endpoint: batch.endpoint, lines: await linesOf(part, context) }, signal));
  await parts.change(part.id, { state: 'running', handle, tries: 0, lookMs: clock.nowMs() + lookAfterMs(part, context) });
}

/** Small batches are often done soon, large ones are not: a tenth of its age, within bounds. */
export const lookAfterMs = ({ createdMs }: Pick<BatchPart, 'createdMs'>, { clock, limits }: BatchContext): number =>
  Math.min(limits.lookMs, Math.max(MIN_LOOK_MS, Math.round((clock.nowMs() - createdMs) / 10)));

async function linesOf(part: BatchPart, { parts }: BatchContext): Promise<readonly { readonly id: string; readonly body: string }[]> {
  const lines: { readonly id: string; readonly body: string }[] = [];
  for (let after = -1; ; ) {
    const page = await parts.lines(part.id, { after, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) return lines;
    lines.push(...page.map(({ index, request }) => ({ id: lineId(part, index), body: request })));
    after = last.index;
  }
}

/** The id of a line at the provider. */
export const lineId = ({ id }: Pick<BatchPart, 'id'>, index: number): string => `${id}-${index}`;
