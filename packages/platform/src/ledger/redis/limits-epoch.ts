import { PlatformError } from '@maru/api/errors';
import type { Ids } from '#time';

/** The life of the data in Redis, from its first use until it is lost. */
export interface Epoch {
  readonly id: string;
  /** Nothing is granted before: what was used in the minute before the data was lost must have left its window. */
  readonly openMs: number;
}

/** Remembers outside of Redis that there were limits in it. */
export interface EpochHistory {
  hadEpoch(): Promise<boolean>;
  remember(): Promise<void>;
}

// A minute, the second that has begun, and what clocks may drift apart meanwhile.
const LOST_MS = 62_000;

export const parseEpoch = (text: string): Epoch => JSON.parse(text) as Epoch;

/** The epoch that begins now: at once when Redis is used for the first time, later when it has lost what it held. */
export async function nextEpoch(history: EpochHistory, ids: Ids, nowMs: number): Promise<string> {
  const openMs = (await history.hadEpoch()) ? nowMs + LOST_MS : nowMs;
  const epoch: Epoch = { id: ids.next('epoch'), openMs };
  return JSON.stringify(epoch);
}

export const notOpenYet = ({ openMs }: Epoch, nowMs: number): PlatformError =>
  new PlatformError('overloaded', {
    message: 'Redis has lost the limits that it kept: until what was used before no longer counts, nothing that has limits is admitted',
    retryAfterS: Math.max(1, Math.ceil((openMs - nowMs) / 1000)),
  });
