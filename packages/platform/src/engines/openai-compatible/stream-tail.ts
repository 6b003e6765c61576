import { PlatformError } from '@maru/api/errors';
import type { UpstreamReply } from '#http';

const KEPT_BYTES = 4096;
const DONE = Buffer.from('data: [DONE]\n\n');

export interface StreamTail {
  start(status: number, headers: UpstreamReply['headers']): void;
  chunk(chunk: Buffer): void;
  end(): Uint8Array | undefined;
}

/**
 * Remembers only the last chunks of a stream and looks at them when the connection ends: a stream is complete when it says `[DONE]`
 * or names a finish reason; in the latter case the missing `[DONE]` is appended. Everything else throws `upstream_cut`.
 */
export function createStreamTail(endpoint: string): StreamTail {
  let watched = false;
  let last: Buffer[] = [];
  let bytes = 0;
  return {
    start(status, headers) {
      watched = status === 200 && String(headers['content-type'] ?? '').startsWith('text/event-stream');
    },
    chunk(chunk) {
      last.push(chunk);
      bytes += chunk.length;
      if (last.length > 64 || bytes > KEPT_BYTES * 4) {
        const kept = Buffer.concat(last, bytes).subarray(-KEPT_BYTES);
        last = [kept];
        bytes = kept.length;
      }
    },
    end() {
      if (!watched) return undefined;
      const text = Buffer.concat(last, bytes).toString('latin1');
      const whole = /(\r\n|\r|\n){2}$/.test(text);
      if (/(^|[\r\n])data: ?\[DONE\]\s*$/.test(text)) return whole ? undefined : Buffer.from('\n\n');
      if (whole && /"finish_reason" ?: ?"/.test(text)) return DONE;
      throw new PlatformError('upstream_cut', {
        message: `${endpoint} ended its stream before its answer was complete`,
        details: { endpoint },
      });
    },
  };
}
