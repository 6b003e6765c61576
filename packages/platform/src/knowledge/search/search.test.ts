import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyze } from './analyze.ts';
import { fuseScores } from './fuse-scores.ts';
import { KeywordIndex } from './keyword-index.ts';
import { VectorIndex } from './vector-index.ts';

const best = (scores: Map<number, number>): number[] => [...scores].sort((left, right) => right[1] - left[1]).map(([slot]) => slot);

describe('analyze', () => {
  it.each([
    ['The schedulers were scheduling GPUs', ['schedul', 'schedul', 'gpu']],
    ['p5.48xlarge', ['p5.48xlarge', 'p5', '48xlarge']],
    ['max_model_len=4096', ['max_model_len', 'max', 'model', 'len', '4096']],
    ['노드를 비운다', ['노드', '드를', '비운', '운다']],
    ['GPU당 vLLM을', ['gpu', '당', 'vllm', '을']],
    ['再起動', ['再起', '起動']],
    ['ＧＰＵ', ['gpu']],
    ['', []],
  ])('cuts "%s"', (text, terms) => {
    expect(analyze(text)).toEqual(terms);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 200 }).map((points) => String.fromCodePoint(...points)),
        (text) => void expect(analyze(text).every((term) => term.length > 0)).toBe(true),
      ),
    );
  });
});

describe('KeywordIndex', () => {
  const texts = ['drain the node before a reboot', 'reboot', 'price of an H100 per hour', '노드를 재시작하기 전에 비운다'];
  const build = (): KeywordIndex => {
    const index = new KeywordIndex();
    for (const text of texts) index.add(text);
    return index;
  };

  it('gives the score of Robertson and Walker', () => {
    const index = new KeywordIndex({ k1: 1.2, b: 0.75 });
    index.add('apple apple pear');
    index.add('plum');

    // idf = ln(1 + (2 - 1 + 0.5) / (1 + 0.5)), tf 2 in a text of length 3 where the mean is 2.
    expect(index.score('apple').get(0)).toBeCloseTo(Math.log(2) * ((2 * 2.2) / (2 + 1.2 * (0.25 + (0.75 * 3) / 2))), 10);
  });

  it('finds rare words before common ones, and Korean by parts of words', () => {
    expect(best(build().score('reboot a node'))[0]).toBe(0);
    expect(best(build().score('노드 재시작'))[0]).toBe(3);
    expect(build().score('unheard').size).toBe(0);
  });

  it('is, after removals, as if the removed texts had never been there', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...texts, 'node price', '노드 price'), fc.boolean()), { maxLength: 20 }), (entries) => {
        const removed = new KeywordIndex();
        const clean = new KeywordIndex();
        for (const [text, keep] of entries) {
          const slot = removed.add(text);
          if (keep) clean.add(text);
          else removed.remove(slot);
        }

        const scores = [...removed.score('reboot node price 노드').values()];
        expect(removed.size).toBe(clean.size);
        expect(scores).toEqual([...clean.score('reboot node price 노드').values()]);
      }),
    );
  });
});

describe('VectorIndex', () => {
  it('orders by cosine, over more than one block of memory', () => {
    const index = new VectorIndex(2);
    for (let slot = 0; slot < 600; slot += 1) index.add(Float32Array.of(Math.cos(slot / 500), Math.sin(slot / 500)));

    expect(best(index.score(Float32Array.of(Math.cos(1.001), Math.sin(1.001)))).slice(0, 2)).toEqual(
      [501, 500].sort((a, b) => Math.abs(a - 500.5) - Math.abs(b - 500.5)),
    );
    expect(index.score(Float32Array.of(3, 0)).get(0)).toBeCloseTo(1, 5);
  });

  it('finds neither removed vectors nor those of another length', () => {
    const index = new VectorIndex(2);
    index.add(Float32Array.of(1, 0));
    index.add(Float32Array.of(1, 0, 0));
    index.add(Float32Array.of(1, 0));
    index.remove(0);

    expect([...index.score(Float32Array.of(1, 0)).keys()]).toEqual([2]);
    expect(index.score(Float32Array.of(1, 0, 0)).size).toBe(0);
  });

  it('moves a query towards likely slots', () => {
    const index = new VectorIndex(2);
    index.add(Float32Array.of(0, 1));

    expect([...index.expand(Float32Array.of(1, 0), [[0, 0.5]])]).toEqual([1, 0.5]);
  });
});

describe('fuseScores', () => {
  const bm25 = new Map([
    [1, 8],
    [2, 4],
  ]);
  const vector = new Map([
    [2, 0.9],
    [3, 0.6],
  ]);

  it('adds the shares of the best of each side', () => {
    const hits = fuseScores({ bm25, vector, topK: 10 });

    expect(hits.map((hit) => hit.slot)).toEqual([2, 1, 3]);
    expect(hits[0]).toMatchObject({ score: 0.75, bm25: 4, vector: 0.9 });
  });

  it('gives the scores of one side alone, the best ones, in a fixed order', () => {
    expect(fuseScores({ bm25, vector: undefined, topK: 1 })).toEqual([{ slot: 1, score: 8, bm25: 8, vector: 0 }]);
    expect(fuseScores({ bm25: undefined, vector, topK: 5 }).map((hit) => hit.slot)).toEqual([2, 3]);
    expect(
      fuseScores({
        bm25: new Map([
          [9, 1],
          [3, 1],
        ]),
        vector: undefined,
        topK: 2,
      }).map((hit) => hit.slot),
    ).toEqual([3, 9]);
    expect(fuseScores({ bm25: new Map(), vector: new Map(), topK: 5 })).toEqual([]);
  });
});
