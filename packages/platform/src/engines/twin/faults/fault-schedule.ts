import { durationSchema, durationToMs } from '@maru/api/resources';
import { z } from 'zod';
import { readDocument } from '#resources';

/** What befalls a server at a time after its start. */
export type ScheduledFault = { readonly atMs: number } & (
  | {
      /** `crash`: the process ends and is back later, with an empty cache; `hang`: it takes requests and computes nothing. */
      readonly kind: 'crash' | 'hang';
      readonly forMs: number;
    }
  | {
      /** It takes `factor` times as long for everything. */
      readonly kind: 'slow';
      readonly forMs: number;
      readonly factor: number;
    }
  | {
      /** The GPU is lost: what runs fails, every request is answered with 500, health with 503, until the end where no time is given. */
      readonly kind: 'xid';
      readonly code: number;
      readonly forMs: number | undefined;
    }
  | {
      /** The machine is taken away after the notice, and does not come back. */
      readonly kind: 'spot-notice';
      readonly noticeMs: number;
    }
);

const at = durationSchema;
const entrySchema = z.discriminatedUnion('kind', [
  z.strictObject({ at, kind: z.literal('crash'), for: durationSchema.default('5s') }),
  z.strictObject({ at, kind: z.literal('hang'), for: durationSchema.default('1m') }),
  z.strictObject({ at, kind: z.literal('slow'), for: durationSchema.default('1m'), factor: z.number().positive().max(1000).default(3) }),
  z.strictObject({ at, kind: z.literal('xid'), for: durationSchema.optional(), code: z.number().int().min(1).max(999).default(79) }),
  z.strictObject({ at, kind: z.literal('spot-notice'), notice: durationSchema.default('2m') }),
]);
const scheduleSchema = z.strictObject({ faults: z.array(entrySchema).min(1).max(1000) });

/** Reads a schedule of faults in YAML; throws `config_invalid` with file, line and what is wrong there. */
export function parseFaultSchedule(text: string, file: string): readonly ScheduledFault[] {
  return readDocument(text, scheduleSchema, file).faults.map((entry): ScheduledFault => {
    const atMs = durationToMs(entry.at);
    switch (entry.kind) {
      case 'crash':
      case 'hang':
        return { atMs, kind: entry.kind, forMs: durationToMs(entry.for) };
      case 'slow':
        return { atMs, kind: 'slow', forMs: durationToMs(entry.for), factor: entry.factor };
      case 'xid':
        return { atMs, kind: 'xid', code: entry.code, forMs: entry.for === undefined ? undefined : durationToMs(entry.for) };
      case 'spot-notice':
        return { atMs, kind: 'spot-notice', noticeMs: durationToMs(entry.notice) };
    }
  });
}
