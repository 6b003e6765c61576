import { isPlatformError } from '@maru/api/errors';
import type { GuardedFetch } from '#http';
import type { DeliverSpans, Delivery } from './export-target.ts';

const TIMEOUT_MS = 10_000;
const MAX_REPLY_BYTES = 64 * 1024;
/** What a server says that is busy or away for a while; everything else that is no success is final, as OTLP has it. */
const PASSING: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Delivers by a guarded fetch: never into a private network that was not named, and never along a redirect. */
export const createDeliverSpans =
  (fetch: GuardedFetch): DeliverSpans =>
  async (target, body, signal) => {
    try {
      const headers = { 'content-type': 'application/json', ...target.headers };
      const reply = await fetch.fetch({ url: target.url, method: 'POST', headers, body, timeoutMs: TIMEOUT_MS, maxBytes: MAX_REPLY_BYTES }, signal);
      // Behind a redirect a POST may have become a GET, which has delivered nothing.
      if (reply.url !== new URL(target.url).href) return { outcome: 'refused', why: 'it redirects to another address' };
      if (reply.status >= 200 && reply.status < 300) return { outcome: 'taken', rejectedSpans: rejectedIn(reply.body) };
      return { outcome: PASSING.has(reply.status) ? 'again' : 'refused', why: `status ${reply.status}` };
    } catch (error) {
      signal.throwIfAborted();
      return deliveryOf(error);
    }
  };

function deliveryOf(error: unknown): Delivery {
  const code = isPlatformError(error) ? error.code : 'no answer';
  return { outcome: code === 'address_blocked' ? 'refused' : 'again', why: code };
}

/** An answer that is no OTLP, or says nothing, has rejected nothing. */
function rejectedIn(body: Uint8Array): number {
  try {
    const { partialSuccess } = JSON.parse(Buffer.from(body).toString('utf8')) as { partialSuccess?: { rejectedSpans?: unknown } | null };
    const rejected = Number(partialSuccess?.rejectedSpans ?? 0);
    return Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0;
  } catch {
    return 0;
  }
}
