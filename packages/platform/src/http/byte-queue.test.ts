import { describe, expect, it } from 'vitest';
import { ByteQueue, type ByteSink } from './byte-queue.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

async function read(queue: ByteQueue): Promise<string> {
  let text = '';
  for await (const chunk of queue) text += chunk.toString();
  return text;
}

function collectingSink(room: () => boolean = () => true): ByteSink & { text: string; outcome: string } {
  const sink = {
    text: '',
    outcome: 'open',
    write: (chunk: Buffer) => {
      sink.text += chunk.toString();
      return room();
    },
    end: () => {
      sink.outcome = 'end';
    },
    fail: (error: unknown) => {
      sink.outcome = String(error);
    },
  };
  return sink;
}

describe('ByteQueue', () => {
  it('gives a reader what came before it and what comes after', async () => {
    const queue = new ByteQueue();
    queue.push(bytes('a'));

    const reading = read(queue);
    queue.push(bytes('b'));
    queue.end();

    expect(await reading).toBe('ab');
  });

  it('gives what waits before it fails', async () => {
    const queue = new ByteQueue();
    queue.push(bytes('a'));
    queue.fail('broken');

    const seen: string[] = [];
    const reading = (async () => {
      for await (const chunk of queue) seen.push(chunk.toString());
    })();

    await expect(reading).rejects.toBe('broken');
    expect(seen).toEqual(['a']);
  });

  it('pauses its producer above the mark and resumes it below', async () => {
    const calls: string[] = [];
    const queue = new ByteQueue({ highWaterBytes: 4, onPause: () => calls.push('pause'), onResume: () => calls.push('resume') });

    expect(queue.push(bytes('abc'))).toBe(true);
    expect(queue.push(bytes('def'))).toBe(false);
    queue.end();
    await read(queue);

    expect(calls).toEqual(['pause', 'resume']);
  });

  it('tells its producer that the reader has left', async () => {
    let cancelled = 0;
    const queue = new ByteQueue({ onCancel: () => (cancelled += 1) });
    queue.push(bytes('a'));

    for await (const _chunk of queue) break;

    expect(cancelled).toBe(1);
    expect(queue.push(bytes('b'))).toBe(false);
  });

  it('does not call a reader that read to the end one that has left', async () => {
    let cancelled = 0;
    const queue = new ByteQueue({ onCancel: () => (cancelled += 1) });
    queue.push(bytes('a'));
    queue.end();

    await read(queue);

    expect(cancelled).toBe(0);
  });

  it('calls a sink directly, in order, and ends it', () => {
    const queue = new ByteQueue();
    const sink = collectingSink();
    queue.push(bytes('a'));

    queue.attach(sink);
    queue.push(bytes('b'));
    queue.end();

    expect(sink).toMatchObject({ text: 'ab', outcome: 'end' });
  });

  it('holds back while a sink is full, and ends it only after the rest', () => {
    let room = false;
    const calls: string[] = [];
    const queue = new ByteQueue({ onPause: () => calls.push('pause'), onResume: () => calls.push('resume') });
    const sink = collectingSink(() => room);
    queue.attach(sink);

    queue.push(bytes('a'));
    queue.push(bytes('b'));
    queue.end();
    expect(sink).toMatchObject({ text: 'a', outcome: 'open' });

    room = true;
    queue.resume();

    expect(sink).toMatchObject({ text: 'ab', outcome: 'end' });
    expect(calls).toEqual(['pause', 'resume']);
  });

  it('fails a sink once', () => {
    const queue = new ByteQueue();
    const sink = collectingSink();
    queue.attach(sink);

    queue.fail('first');
    queue.fail('second');
    queue.end();

    expect(sink.outcome).toBe('first');
  });
});
