import { describe, expect, it } from 'vitest';
import { EventReader, readEvents, type ServerEvent } from './sse.ts';

const stream = 'event: step\nid: 7\ndata: {"a":1}\n\n: a comment\n\ndata: first\r\ndata: 둘째\r\n\r\ndata:[DONE]\n\n';

describe('EventReader', () => {
  it('reads names, ids and data of several lines, and passes over comments', () => {
    expect(new EventReader().push(stream)).toEqual([
      { event: 'step', id: '7', data: '{"a":1}' },
      { event: 'message', id: undefined, data: 'first\n둘째' },
      { event: 'message', id: undefined, data: '[DONE]' },
    ]);
  });

  it('gives the same events wherever the text is cut', () => {
    const whole = new EventReader().push(stream);
    for (let cut = 1; cut < stream.length; cut += 1) {
      const reader = new EventReader();
      expect([...reader.push(stream.slice(0, cut)), ...reader.push(stream.slice(cut))]).toEqual(whole);
    }
  });

  it('keeps what a cut stream left over', () => {
    const reader = new EventReader();

    expect(reader.push('data: half')).toEqual([]);
    expect(reader.rest).toBe('data: half');
  });
});

describe('readEvents', () => {
  it('decodes characters that are cut between two chunks', async () => {
    const bytes = new TextEncoder().encode('data: 마루\n\n');
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    const events: ServerEvent[] = [];

    for await (const event of readEvents(new Response(body))) events.push(event);

    expect(events).toEqual([{ event: 'message', id: undefined, data: '마루' }]);
  });

  it('ends at once without a body', async () => {
    const events: ServerEvent[] = [];
    for await (const event of readEvents(new Response(null))) events.push(event);

    expect(events).toEqual([]);
  });
});
