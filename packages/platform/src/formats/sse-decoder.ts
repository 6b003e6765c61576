import { isPlatformError } from '@maru/api/errors';
import { type SseEvent, SseParser } from '#http';
import type { CanonicalEvent } from './canonical/event.ts';
import { failure } from './canonical/failure.ts';
import type { StreamDecoder } from './format.ts';
import { isObject, type JsonObject } from './json-value.ts';

/** Longest single event of a stream. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;

/** What one format makes of one event. */
export interface EventReader {
  /** The data of the event as JSON. */
  read(value: JsonObject, event: SseEvent): readonly CanonicalEvent[];
  /** Data that is not JSON but belongs to the format (`[DONE]`); undefined for all else. */
  readMarker?(data: string): readonly CanonicalEvent[] | undefined;
  /** The connection ended before `end`: what completes the answer after all, for a format without an end marker. */
  atEnd?(): readonly CanonicalEvent[];
}

/** A decoder of server-sent events. Stops at the first `end` or `error`; a stream that ends before either was cut. */
export function createSseDecoder(reader: EventReader): StreamDecoder {
  const parser = new SseParser(MAX_EVENT_BYTES);
  let over = false;
  const keep = (events: readonly CanonicalEvent[], out: CanonicalEvent[]): void => {
    for (const event of events) {
      if (over) return;
      out.push(event);
      over = event.type === 'end' || event.type === 'error';
    }
  };
  return {
    push: (chunk) => {
      const out: CanonicalEvent[] = [];
      if (over) return out;
      for (const event of parse(parser, chunk)) {
        if (over) break;
        keep('error' in event ? [{ type: 'error', error: event.error }] : readEvent(reader, event), out);
      }
      return out;
    },
    end: () => {
      const out: CanonicalEvent[] = [];
      if (over) return out;
      keep(reader.atEnd?.() ?? [], out);
      if (!over) keep([{ type: 'error', error: failure('cut', 'the stream ended before the answer was complete') }], out);
      return out;
    },
  };
}

function parse(parser: SseParser, chunk: Uint8Array): readonly (SseEvent | { readonly error: ReturnType<typeof failure> })[] {
  try {
    return parser.push(chunk);
  } catch (thrown) {
    return [{ error: failure('garbage', isPlatformError(thrown) ? thrown.message : 'the stream could not be read') }];
  }
}

function readEvent(reader: EventReader, event: SseEvent): readonly CanonicalEvent[] {
  const marker = reader.readMarker?.(event.data.trim());
  if (marker !== undefined) return marker;
  if (event.data.trim() === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(event.data);
  } catch {
    return [{ type: 'error', error: failure('garbage', 'the stream has an event that is not JSON') }];
  }
  if (!isObject(value)) return [{ type: 'error', error: failure('garbage', 'the stream has an event that is not a JSON object') }];
  return reader.read(value, event);
}
