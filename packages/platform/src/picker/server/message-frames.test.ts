import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameMessage, MessageFrames } from './message-frames.ts';

describe('frames of messages', () => {
  it('are found however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1 }),
        (messages, cuts) => {
          const bytes = Buffer.concat(messages.map(frameMessage));
          const frames = new MessageFrames();
          const found: Buffer[] = [];
          for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
            const size = cuts[cut % cuts.length] ?? 1;
            found.push(...frames.push(bytes.subarray(at, at + size)));
            at += size;
          }
          expect(found.map((message) => message.toString('hex'))).toEqual(messages.map((message) => Buffer.from(message).toString('hex')));
        },
      ),
    );
  });

  it('refuse a packed message, and one that is longer than any is', () => {
    expect(() => new MessageFrames().push(Buffer.from([1, 0, 0, 0, 0]))).toThrow('the message is packed');
    expect(() => new MessageFrames().push(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]))).toThrow('a message of 4294967295 bytes');
  });
});
