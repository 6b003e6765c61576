import { describe, expect, it } from 'vitest';
import { ByteQueue } from '#http';
import { type Flow, pumpBody } from './pump-body.ts';

interface Sink {
  text: string;
  outcome: string;
  closed: boolean;
  room: boolean;
  write(chunk: Buffer): boolean;
  end(): void;
  fail(error: unknown): void;
}

function makeSink(): Sink {
  const sink: Sink = {
    text: '',
    outcome: 'open',
    closed: false,
    room: true,
    write(chunk) {
      sink.text += chunk.toString();
      return sink.room;
    },
    end() {
      sink.outcome = 'end';
    },
    fail(error) {
      sink.outcome = String(error);
    },
  };
  return sink;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function* parts(...texts: string[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

/** The same bytes as the two kinds of body that engines give. */
const kinds: readonly [string, (...texts: string[]) => AsyncIterable<Uint8Array>][] = [
  ['a generator', parts],
  [
    'a queue',
    (...texts) => {
      const queue = new ByteQueue();
      for (const text of texts) queue.push(Buffer.from(text));
      queue.end();
      return queue;
    },
  ],
];

describe.each(kinds)('pumpBody with %s', (_name, bodyOf) => {
  it('gives everything and ends', async () => {
    const sink = makeSink();

    pumpBody(bodyOf('a', 'b', 'c'), sink);
    await turn();

    expect(sink).toMatchObject({ text: 'abc', outcome: 'end' });
  });

  it('waits while there is no room', async () => {
    const sink = makeSink();
    sink.room = false;

    const flow: Flow = pumpBody(bodyOf('a', 'b'), sink);
    await turn();
    expect(sink).toMatchObject({ text: 'a', outcome: 'open' });

    sink.room = true;
    flow.resume();
    await turn();

    expect(sink).toMatchObject({ text: 'ab', outcome: 'end' });
  });
});

describe('pumpBody', () => {
  it('passes a failure on', async () => {
    const sink = makeSink();

    pumpBody(
      (async function* () {
        yield Buffer.from('a');
        throw new TypeError('broken');
      })(),
      sink,
    );
    await turn();

    expect(sink).toMatchObject({ text: 'a', outcome: 'TypeError: broken' });
  });

  it('lets go of a generator once its sink has closed', async () => {
    let released = false;
    const sink = makeSink();
    sink.write = (chunk) => {
      sink.text += chunk.toString();
      sink.closed = true;
      return true;
    };

    pumpBody(
      (async function* () {
        try {
          yield Buffer.from('a');
          yield Buffer.from('b');
        } finally {
          released = true;
        }
      })(),
      sink,
    );
    await turn();

    expect(released).toBe(true);
    expect(sink.text).toBe('a');
  });
});
