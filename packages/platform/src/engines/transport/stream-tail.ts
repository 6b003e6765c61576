import { PlatformError } from '@maru/api/errors';
import type { WireFormat } from '#formats';
import type { UpstreamReply } from '#http';

/** Looks on while a stream passes; throws `upstream_cut` at an end that is none. */
export interface StreamTail {
  start(status: number, headers: UpstreamReply['headers']): void;
  chunk(chunk: Buffer): void;
  end(): Uint8Array | undefined;
}

const KEPT_BYTES = 4096;
const DONE = Buffer.from('data: [DONE]\n\n');

/** A text header of the binary event stream: name, type 7, length, value. A model can write none, because JSON has no control characters. */
const header = (name: string, value: string): string => `${name}${String.fromCharCode(7, 0, value.length)}${value}`;
const STOPPED = header(':event-type', 'messageStop');
const EXCEPTION = header(':message-type', 'exception');

/** Whether a text says what only the end of a stream says. A model that writes these words writes them inside a JSON text, where quotes and line ends are escaped. */
const MARKERS: Readonly<Partial<Record<WireFormat, (text: string) => boolean>>> = {
  'openai-responses': (text) => /[\r\n](event: ?|data: ?\{\s*"type" ?: ?")(response\.(completed|incomplete|failed)|error)["\r\n]/.test(text),
  'anthropic-messages': (text) => /[\r\n](event: ?|data: ?\{\s*"type" ?: ?")(message_stop|error)["\r\n]/.test(text),
  gemini: (text) => /"(finishReason|blockReason)" ?: ?"|[\r\n]data: ?\{\s*"error"/.test(text),
  'bedrock-converse': (text) => text.includes(STOPPED) || text.includes(EXCEPTION),
  'cohere-chat': (text) => /[\r\n](event: ?message-end|data: ?\{.{0,80}"type" ?: ?"message-end")["\r\n,]?/.test(text),
};

/** The watcher for a stream in a format. */
export function createStreamTail(endpoint: string, format: WireFormat = 'openai-chat'): StreamTail {
  const marker = MARKERS[format];
  return marker === undefined ? createDoneTail(endpoint) : createMarkerTail(endpoint, { isEnd: marker, binary: format === 'bedrock-converse' });
}

/** Remembers whether a marker passed by; the rest of the stream is not kept. */
function createMarkerTail(endpoint: string, { isEnd, binary }: { readonly isEnd: (text: string) => boolean; readonly binary: boolean }): StreamTail {
  let watched = false;
  let seen = false;
  let last = '\n';
  return {
    start(status, headers) {
      watched = status === 200 && /^(text\/event-stream|application\/vnd\.amazon\.eventstream)/.test(String(headers['content-type'] ?? ''));
    },
    chunk(chunk) {
      if (!watched) return;
      const text = last + chunk.toString('latin1');
      seen ||= isEnd(text);
      last = text.slice(-160);
    },
    end() {
      if (watched && !(seen && (binary || /(\r\n|\r|\n){2}$/.test(last)))) throw cut(endpoint);
      return undefined;
    },
  };
}

/**
 * Remembers only the last chunks of a stream and looks at them when the connection ends: a stream is complete when it says `[DONE]`
 * or names a finish reason; in the latter case the missing `[DONE]` is appended.
 */
function createDoneTail(endpoint: string): StreamTail {
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
      throw cut(endpoint);
    },
  };
}

const cut = (endpoint: string): PlatformError =>
  new PlatformError('upstream_cut', { message: `${endpoint} ended its stream before its answer was complete`, details: { endpoint } });
