import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventOrder } from './event-order.ts';

/** A publisher that keeps everything; `start` tells its life from that of another. */
function publisher(start: number) {
  const message = (seq: number): Uint8Array => encode([start + seq / 1000, [['BlockRemoved', [seq]]]]);
  return { message, sent: 0 };
}

function open(canReplay = true) {
  const applied: number[] = [];
  const problems: string[] = [];
  const asked: number[] = [];
  const order = new EventOrder({
    apply: ({ events }) => {
      const [event] = events;
      applied.push(event?.type === 'removed' ? Number(event.hashes[0]) : -1);
    },
    reset: () => applied.splice(0),
    askReplay: canReplay ? (from) => asked.push(from) : undefined,
    onProblem: (problem) => problems.push(problem),
  });
  const replay = (from: number, to: number, message: (seq: number) => Uint8Array): void => {
    for (let seq = from; seq <= to; seq += 1) order.replayed(seq, message(seq));
    order.replayEnd();
  };
  return { order, applied, problems, asked, replay };
}

const range = (end: number): number[] => Array.from({ length: end }, (_, index) => index);

describe('the order of messages', () => {
  it('fills a gap by replay and keeps what came meanwhile', () => {
    const { order, applied, problems, asked, replay } = open();
    const { message } = publisher(1);
    order.live(0, message(0));
    order.live(1, message(1));
    order.live(4, message(4));
    order.live(5, message(5));
    expect(asked).toEqual([1]);
    expect(applied).toEqual([0, 1]);

    replay(1, 4, message);
    order.live(6, message(6));

    expect(applied).toEqual(range(7));
    expect(problems).toEqual(['kv-gap']);
  });

  it('drops what comes twice', () => {
    const { order, applied, problems } = open();
    const { message } = publisher(1);
    for (const seq of [0, 1, 1, 2, 0]) order.live(seq, message(seq));

    expect(applied).toEqual([0, 1, 2]);
    expect(problems).toEqual(['kv-duplicate', 'kv-duplicate']);
  });

  it('learns at the start what was sent before, and says when that is not all', () => {
    const early = open();
    early.order.catchUp();
    early.order.live(3, publisher(1).message(3));
    early.replay(0, 2, publisher(1).message);
    expect(early.applied).toEqual(range(4));

    const late = open();
    late.order.catchUp();
    late.replay(5, 6, publisher(1).message);
    expect(late.applied).toEqual([5, 6]);
    expect(late.problems).toEqual(['kv-late-join']);
  });

  it('notices a publisher that has started anew by a lower number', () => {
    const { order, applied, problems, asked, replay } = open();
    for (const seq of range(5)) order.live(seq, publisher(1).message(seq));

    const { message } = publisher(9);
    order.live(2, message(2));
    expect(asked).toEqual([0]);
    replay(0, 2, message);

    expect(problems).toEqual(['kv-restart']);
    expect(applied).toEqual([0, 1, 2]);
  });

  it('notices it also where its numbers have passed ours: the last message is another one', () => {
    const { order, applied, problems, asked, replay } = open();
    for (const seq of range(3)) order.live(seq, publisher(1).message(seq));
    const { message } = publisher(9);
    order.live(7, message(7));
    replay(2, 7, message);
    expect(asked).toEqual([2, 0]);
    replay(0, 7, message);

    expect(applied).toEqual(range(8));
    expect(problems).toEqual(['kv-gap', 'kv-restart']);
  });

  it('notices it after a broken connection, without a new message', () => {
    const { order, applied, problems, asked, replay } = open();
    for (const seq of range(3)) order.live(seq, publisher(1).message(seq));
    order.catchUp();
    order.replayEnd();
    expect(applied).toEqual([]);
    replay(0, 1, publisher(9).message);

    expect(asked).toEqual([2, 0]);
    expect(applied).toEqual([0, 1]);
    expect(problems).toEqual(['kv-restart']);
  });

  it('begins anew where the replay does not reach back', () => {
    const { order, applied, problems, replay } = open();
    const { message } = publisher(1);
    order.live(0, message(0));
    order.live(9, message(9));
    replay(6, 9, message);

    expect(applied).toEqual([6, 7, 8, 9]);
    expect(problems).toEqual(['kv-gap', 'kv-gap-lost']);
  });

  it('goes on without a replay, and says what is lost', () => {
    const { order, applied, problems } = open(false);
    const { message } = publisher(1);
    for (const seq of [3, 4, 8]) order.live(seq, message(seq));

    expect(applied).toEqual([3, 4, 8]);
    expect(problems).toEqual(['kv-late-join', 'kv-gap', 'kv-gap-lost']);
  });

  it('goes on after a replay that failed', () => {
    const { order, applied, problems } = open();
    const { message } = publisher(1);
    order.live(0, message(0));
    order.live(2, message(2));
    order.replayEnd('nobody answers');

    expect(applied).toEqual([0, 2]);
    expect(problems).toEqual(['kv-gap', 'kv-replay-failed', 'kv-gap-lost']);
  });

  it('takes a message that can not be read for one without events, not for a gap', () => {
    const { order, applied, problems } = open();
    const { message } = publisher(1);
    order.live(0, message(0));
    order.live(1, Buffer.from('nonsense'));
    order.live(2, message(2));

    expect(applied).toEqual([0, -1, 2]);
    expect(problems).toEqual(['kv-unreadable']);
  });

  it('applies every message once and in order, whatever is lost and comes twice on the way', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('send', 'lose', 'twice'), { maxLength: 60 }), (fates) => {
        const { order, applied, asked } = open();
        const { message } = publisher(1);
        const answer = (last: number): void => {
          for (let from = asked.shift(); from !== undefined; from = asked.shift()) {
            for (let seq = from; seq <= last; seq += 1) order.replayed(seq, message(seq));
            order.replayEnd();
          }
        };
        for (const [seq, fate] of fates.entries()) {
          if (fate === 'lose') continue;
          order.live(seq, message(seq));
          if (fate === 'twice') order.live(seq, message(seq));
          answer(seq);
        }
        expect(applied).toEqual(range(applied.length));
        expect(applied.length).toBe(fates.findLastIndex((fate) => fate !== 'lose') + 1);
      }),
    );
  });
});
