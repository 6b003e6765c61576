import { PlatformError } from '@maru/api/errors';

/** The parts of `metav1.Status` that say why the server refused. */
interface ApiStatus {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly retryAfterSeconds?: number; readonly causes?: readonly { readonly field?: string; readonly message?: string }[] };
}

/** Turns a refusal of the API server into the error of the catalogue; the server's own words are kept. */
export function toStatusError(status: number, body: string, action: string): PlatformError {
  const reply = parseStatus(body);
  const message = `${action}: ${reply.message ?? `the API server answered ${status}`}`;
  const fields = (reply.details?.causes ?? []).flatMap((cause) => (cause.field === undefined ? [] : [{ field: cause.field, message: cause.message ?? '' }]));
  const details = { status, ...(reply.reason === undefined ? {} : { reason: reply.reason }), ...(fields.length === 0 ? {} : { fields }) };
  const retryAfterS = reply.details?.retryAfterSeconds;
  if (status === 409) return new PlatformError('conflict', { message, details });
  if (status === 429 || status >= 500)
    return new PlatformError('cluster_unreachable', { message, details, ...(retryAfterS === undefined ? {} : { retryAfterS }) });
  return new PlatformError('cluster_rejected', { message, details });
}

/** HTTP status of the API server behind an error of this room, where there is one. */
export function statusOf(error: unknown): number | undefined {
  const details = (error as { details?: { status?: unknown } } | undefined)?.details;
  return typeof details?.status === 'number' ? details.status : undefined;
}

/** Whether a watch must start again from a fresh list. */
export const isTooOld = (error: unknown): boolean => statusOf(error) === 410;

function parseStatus(body: string): ApiStatus {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return value as ApiStatus;
  } catch {
    // Proxies in front of the API server answer in plain text.
  }
  const text = body.trim().slice(0, 300);
  return text === '' ? {} : { message: text };
}
