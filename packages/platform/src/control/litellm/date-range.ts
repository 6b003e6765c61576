import { PlatformError } from '@maru/api/errors';

const DAY_MS = 86_400_000;

/** `start_date` and `end_date` (`2026-11-21`, both included) as a range; open where a date is absent. Throws `invalid_request`. */
export function readRange(query: { readonly start_date?: string | undefined; readonly end_date?: string | undefined }): {
  readonly fromMs?: number;
  readonly toMs?: number;
} {
  const fromMs = read(query.start_date, 'start_date');
  const endMs = read(query.end_date, 'end_date');
  return { ...(fromMs === undefined ? {} : { fromMs }), ...(endMs === undefined ? {} : { toMs: endMs + DAY_MS }) };
}

function read(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === '') return undefined;
  const day = /^\d{4}-\d{2}-\d{2}/.exec(text)?.[0];
  const ms = day === undefined ? Number.NaN : Date.parse(`${day}T00:00:00Z`);
  if (!Number.isFinite(ms)) throw new PlatformError('invalid_request', { message: `${name} must be a day such as 2026-11-21`, details: { param: name } });
  return ms;
}
