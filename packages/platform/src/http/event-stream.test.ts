import { crc32 } from 'node:zlib';
import { isPlatformError } from '@maru/api/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventStreamMessage, EventStreamParser, formatEventStream } from './event-stream.ts';

/** From the test vectors that AWS publishes for this encoding. */
const VECTORS = {
  empty: '000000100000000005c248eb7d98c8ff',
  text: '0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1',
};

const refusal = (bytes: Uint8Array): unknown => {
  try {
    return new EventStreamParser().push(bytes);
  } catch (error) {
    return error;
  }
};

const messages: readonly EventStreamMessage[] = [
  { headers: { ':message-type': 'event', ':event-type': 'contentBlockDelta' }, payload: Buffer.from('{"delta":{"text":"héllo 한국어"}}') },
  { headers: {}, payload: Buffer.alloc(0) },
  { headers: { ':message-type': 'exception', ':exception-type': 'throttlingException' }, payload: Buffer.from('{"message":"slow down"}') },
];

describe('EventStreamParser', () => {
  it('reads the published messages', () => {
    expect(new EventStreamParser().push(Buffer.from(VECTORS.empty, 'hex'))).toEqual([{ headers: {}, payload: Buffer.alloc(0) }]);
    expect(new EventStreamParser().push(Buffer.from(VECTORS.text, 'hex'))).toEqual([
      { headers: { 'content-type': 'application/json' }, payload: Buffer.from("{'foo':'bar'}") },
    ]);
  });

  it('writes the published messages', () => {
    expect(formatEventStream({ headers: {}, payload: Buffer.alloc(0) }).toString('hex')).toBe(VECTORS.empty);
    expect(formatEventStream({ headers: { 'content-type': 'application/json' }, payload: Buffer.from("{'foo':'bar'}") }).toString('hex')).toBe(VECTORS.text);
  });

  it('reads messages that are cut at any byte', () => {
    const bytes = Buffer.concat(messages.map(formatEventStream));
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const parser = new EventStreamParser();

      expect([...parser.push(bytes.subarray(0, cut)), ...parser.push(bytes.subarray(cut))]).toEqual(messages);
      expect(parser.restBytes).toBe(0);
    }
  });

  it('reads messages byte by byte and says what is left of a cut one', () => {
    const bytes = Buffer.concat(messages.map(formatEventStream));
    const parser = new EventStreamParser();

    const seen = [...bytes.subarray(0, -1)].flatMap((byte) => parser.push(Buffer.from([byte])));

    expect(seen).toEqual(messages.slice(0, 2));
    expect(parser.restBytes).toBeGreaterThan(0);
  });

  it('skips headers that are not texts', () => {
    const values: [number, string][] = [
      [0, ''],
      [1, ''],
      [2, '07'],
      [3, '0007'],
      [4, '00000007'],
      [5, '0000000000000007'],
      [6, '0003010203'],
      [8, '0000000000000007'],
      [9, '00112233445566778899aabbccddeeff'],
    ];
    const headers = Buffer.concat([
      ...values.map(([type, hex]) => Buffer.concat([Buffer.from([1, 0x61, type]), Buffer.from(hex, 'hex')])),
      Buffer.from('01620700026f6b', 'hex'),
    ]);
    const whole = withHeaders(headers);

    expect(new EventStreamParser().push(whole)).toEqual([{ headers: { b: 'ok' }, payload: Buffer.alloc(0) }]);
  });

  it.each([
    ['01', 'no type'],
    ['0161', 'no type after the name'],
    ['016107', 'no length'],
    ['0161070009', 'a text that is too short'],
    ['016109001122', 'a uuid that is too short'],
    ['01610b', 'an unknown type'],
  ])('refuses the header %s: %s', (hex) => {
    expect(isPlatformError(refusal(withHeaders(Buffer.from(hex, 'hex'))), 'upstream_garbage')).toBe(true);
  });

  it('refuses a message of which any one bit has changed', () => {
    const bytes = formatEventStream({ headers: { a: 'b' }, payload: Buffer.from('payload') });
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const broken = Buffer.from(bytes);
        broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));

        expect(isPlatformError(refusal(broken), 'upstream_garbage')).toBe(true);
      }),
    );
  });

  it('refuses sizes beyond the format before it waits for them', () => {
    const prelude = Buffer.from('7fffffff0000000000000000', 'hex');
    prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);

    expect(isPlatformError(refusal(prelude), 'upstream_garbage')).toBe(true);
  });

  it('keeps any message through writing and reading, cut anywhere', () => {
    const message = fc.record({
      headers: fc.dictionary(
        fc.string({ minLength: 1, maxLength: 20 }).filter((name) => name !== '__proto__'),
        fc.string({ maxLength: 200 }),
      ),
      payload: fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), fc.array(fc.nat(2000), { maxLength: 6 }), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(formatEventStream));
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((left, right) => left - right), bytes.length];
        const parser = new EventStreamParser();

        const read = places.slice(1).flatMap((end, index) => parser.push(bytes.subarray(places[index], end)));

        expect(read).toEqual(sent.map(({ headers, payload }) => ({ headers: { ...headers }, payload })));
      }),
    );
  });
});

/** A message with these bytes as its headers, and right checksums. */
function withHeaders(headers: Buffer): Buffer {
  const bytes = Buffer.alloc(16 + headers.length);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(headers.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  headers.copy(bytes, 12);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, bytes.length - 4)), bytes.length - 4);
  return bytes;
}
