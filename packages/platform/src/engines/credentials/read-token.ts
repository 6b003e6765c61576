import { PlatformError } from '@maru/api/errors';
import type { GuardedReply } from '#http';

/** A bearer token and its end. */
export interface BearerToken {
  readonly token: string;
  readonly expiresAtMs?: number;
}

export interface ReadTokenOptions {
  /** Who was asked, for the message: never with a secret in it. */
  readonly from: string;
  readonly nowMs: number;
}

/** Reads an OAuth token answer. Throws `upstream_credentials` naming who refused and why; what was sent is never shown. */
export function readToken(reply: GuardedReply, options: ReadTokenOptions): BearerToken {
  const value = readCredentialJson(reply, options.from);
  const token = value['access_token'];
  if (typeof token !== 'string' || token === '') throw refused(options.from, reply.status, 'there is no access_token in its answer');
  const seconds = Number(value['expires_in'] ?? Number.NaN);
  return { token, ...(Number.isFinite(seconds) ? { expiresAtMs: options.nowMs + seconds * 1000 } : {}) };
}

/** The JSON object that a credential service answered with. Throws `upstream_credentials` for an error status and for anything else. */
export function readCredentialJson(reply: GuardedReply, from: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(reply.body).toString('utf8'));
  } catch {
    throw refused(from, reply.status, 'its answer is not JSON');
  }
  if (typeof value !== 'object' || value === null) throw refused(from, reply.status, 'its answer is not a JSON object');
  const fields = value as Readonly<Record<string, unknown>>;
  if (reply.status < 200 || reply.status > 299) throw refused(from, reply.status, reasonOf(fields));
  return fields;
}

function reasonOf(value: Readonly<Record<string, unknown>>): string {
  const parts = [value['error'], value['error_description'], value['message'], value['Message']].filter((part) => typeof part === 'string');
  return parts.length === 0 ? 'it gave no reason' : parts.join(': ').slice(0, 300);
}

/** The error of a source of credentials that gave none. */
export const refused = (from: string, status: number | undefined, why: string): PlatformError =>
  new PlatformError('upstream_credentials', {
    message: `${from} gave no credentials${status === undefined ? '' : ` (status ${status})`}: ${why}`,
    details: { from, ...(status === undefined ? {} : { upstreamStatus: status }) },
  });
