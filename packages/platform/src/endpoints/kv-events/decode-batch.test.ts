import { isPlatformError } from '@maru/api/errors';
import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBatch } from './decode-batch.ts';

const hash = new Uint8Array([1, 2, 3, 4]);

describe('a message of KV events', () => {
  it('says the same in the array encoding and in the map encoding', () => {
    const asArray = encode([
      12.5,
      [['BlockStored', [hash], null, [1, 2], 2, null, 'GPU', 'sql', [['sql']], 0, 'full_attention'], ['BlockRemoved', [hash], 'CPU'], ['AllBlocksCleared']],
      3,
    ]);
    const asMap = encode({
      ts: 12.5,
      data_parallel_rank: 3,
      events: [
        {
          type: 'BlockStored',
          block_hashes: [hash],
          parent_block_hash: null,
          token_ids: [1, 2],
          block_size: 2,
          medium: 'GPU',
          lora_name: 'sql',
          extra_keys: [['sql']],
        },
        { type: 'BlockRemoved', block_hashes: [hash], medium: 'CPU' },
        { type: 'AllBlocksCleared' },
      ],
    });

    const read = decodeBatch(asArray);
    expect(decodeBatch(asMap)).toEqual(read);
    expect(read).toMatchObject({
      sentS: 12.5,
      rank: 3,
      events: [
        { type: 'stored', tokens: [1, 2], blockSize: 2, tier: 'gpu', loraName: 'sql', extraKeys: [['sql']], wholePrefix: true },
        { type: 'removed', tier: 'cpu' },
        { type: 'cleared' },
      ],
    });
  });

  it('reads the short forms of older engines', () => {
    const { events } = decodeBatch(
      encode([
        1,
        [
          ['BlockStored', [7], 6, [1, 2], 2, 9],
          ['BlockRemoved', [7]],
        ],
      ]),
    );

    expect(events).toMatchObject([{ parent: 6, loraName: 'lora 9', tier: 'gpu', group: 0 }, { tier: 'gpu' }]);
  });

  it('names events and media that are not known, and goes on', () => {
    const { events, unknown } = decodeBatch(encode([1, [['BlockPinned', 1], { type: 'BlockMoved' }, 5, ['BlockRemoved', [7], 'TAPE']]]));

    expect(events).toHaveLength(1);
    expect(unknown).toEqual(['BlockPinned', 'BlockMoved', 'an event without a name', 'medium TAPE']);
  });

  it('tells a sliding window from a whole prefix', () => {
    const { events } = decodeBatch(encode([1, [['BlockStored', [7], null, [1], 1, null, 'GPU', null, null, 1, 'sliding_window']]]));

    expect(events).toMatchObject([{ group: 1, wholePrefix: false }]);
  });

  it.each([
    ['no msgpack', Buffer.from([0xc1])],
    ['a number', encode(5)],
    ['no events', encode([1])],
    ['tokens that do not fill the blocks', encode([1, [['BlockStored', [7], null, [1, 2, 3], 2]]])],
    ['a block size of nothing', encode([1, [['BlockStored', [], null, [], 0]]])],
    ['hashes that are no hashes', encode([1, [['BlockRemoved', ['x']]]])],
  ])('is refused where it has %s', (_what, payload) => {
    expect(() => decodeBatch(payload)).toThrow(expect.objectContaining({ code: 'upstream_garbage' }));
  });

  it('never breaks on bytes of chance', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeBatch(bytes);
        } catch (error) {
          expect(isPlatformError(error)).toBe(true);
        }
      }),
    );
  });
});
