import { PlatformError } from '@maru/api/errors';
import { durationToMs } from '@maru/api/resources';
import type { FleetFault } from './fleet-options.ts';

const KINDS = ['crash', 'hang', 'slow', 'xid', 'spot-notice'] as const;

/** Reads a fault as people write it: time, kind, number of the replica, and how long, as in `5m:hang:0:30s`. Throws `config_invalid`. */
export function parseFault(text: string): FleetFault {
  const [at = '', name, replica = '', length, ...rest] = text.split(':');
  const kind = KINDS.find((each) => each === name);
  const [atMs, durationMs] = [durationToMs(at), length === undefined ? undefined : durationToMs(length)];
  if (kind === undefined || !(atMs >= 0) || (durationMs !== undefined && !(durationMs >= 0)) || !/^\d{1,6}$/.test(replica) || rest.length > 0)
    throw new PlatformError('config_invalid', {
      message: `"${text}" is no fault; want TIME:KIND:REPLICA or TIME:KIND:REPLICA:LENGTH, as 5m:hang:0:30s, with one of ${KINDS.join(', ')}`,
    });
  return { atMs, kind, replica: Number(replica), ...(durationMs === undefined ? {} : { durationMs }) };
}
