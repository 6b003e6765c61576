import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from './canonical/event.ts';
import type { StreamDecoder } from './format.ts';
import { asString } from './json-value.ts';
import { createSseDecoder, type EventReader } from './sse-decoder.ts';

const END: CanonicalEvent = { type: 'end' };
const text = (value: string): CanonicalEvent => ({ type: 'text-delta', index: 0, text: value });
const reader = (more: Partial<EventReader> = {}): EventReader => ({
  read: (value, event) => (value['end'] === true ? [END, text('late')] : [text(`${event.event ?? ''}${asString(value['t']) ?? ''}`)]),
  readMarker: (data) => (data === 'BYE' ? [END] : undefined),
  ...more,
});
const play = (stream: string, decoder: StreamDecoder = createSseDecoder(reader())): readonly CanonicalEvent[] => [
  ...decoder.push(Buffer.from(stream)),
  ...decoder.end(),
];
const kindOf = (event: CanonicalEvent | undefined): string | undefined => (event?.type === 'error' ? event.error.kind : event?.type);

describe('decoder of server-sent events', () => {
  it('gives each event with its name, and stops at the first end', () => {
    expect(play('event: a\ndata: {"t":"1"}\n\ndata: {"end":true}\n\ndata: {"t":"2"}\n\n')).toEqual([text('a1'), END]);
  });

  it('knows markers that are not JSON, with space around them', () => {
    expect(play('data:  BYE \n\n')).toEqual([END]);
  });

  it('joins data of several lines, and skips empty events, ids and comments', () => {
    expect(play(': hello\n\nid: 7\ndata: {"t":\ndata: "x"}\n\ndata:\n\nretry: 10\n\ndata: BYE\n\n')).toEqual([text('x'), END]);
  });

  it.each([
    ['', 'cut'],
    ['data: {"t":"x"}\n\n', 'cut'],
    ['data: BYE', 'cut'],
    ['data: BYE\n', 'cut'],
    ['data: {"t"\n\n', 'garbage'],
    ['data: []\n\n', 'garbage'],
    ['data: null\n\n', 'garbage'],
    ['data: "BYE"\n\n', 'garbage'],
  ])('ends %j as %s', (stream, kind) => {
    expect(kindOf(play(stream).at(-1))).toBe(kind);
  });

  it('says once that a stream is over, whatever comes after', () => {
    const decoder = createSseDecoder(reader());
    const first = decoder.push(Buffer.from('data: nonsense\n\ndata: BYE\n\n'));

    expect(first).toHaveLength(1);
    expect(decoder.push(Buffer.from('data: BYE\n\n'))).toEqual([]);
    expect(decoder.end()).toEqual([]);
    expect(decoder.end()).toEqual([]);
  });

  it('calls an event without an end garbage before it fills the memory', () => {
    const decoder = createSseDecoder(reader());
    const line = Buffer.alloc(1024 * 1024, 'x');
    const events = Array.from({ length: 20 }, () => decoder.push(line)).flat();

    expect(events.map(kindOf)).toEqual(['garbage']);
  });

  it('asks a format without an end marker what the end of the connection means', () => {
    const whole = createSseDecoder(reader({ atEnd: () => [END] }));
    const broken = createSseDecoder(reader({ atEnd: () => [] }));

    expect(play('data: {"t":"x"}\n\n', whole)).toEqual([text('x'), END]);
    expect(kindOf(play('data: {"t":"x"}\n\n', broken).at(-1))).toBe('cut');
  });
});
