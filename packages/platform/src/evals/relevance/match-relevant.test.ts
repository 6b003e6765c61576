import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchRelevant } from './match-relevant.ts';

const at = (document: string, heading: string | null = null) => ({ document, heading });

describe('relevance of passages', () => {
  it('is by file, whole or by its end, and never by a part of a name', () => {
    expect(matchRelevant([at('docs/guide.md')], ['guide.md'])).toEqual([true]);
    expect(matchRelevant([at('docs/guide.md')], ['docs/guide.md'])).toEqual([true]);
    expect(matchRelevant([at('docs/my-guide.md')], ['guide.md'])).toEqual([false]);
    expect(matchRelevant([at('guide.md')], ['docs/guide.md'])).toEqual([false]);
  });

  it('is by heading where one is named', () => {
    expect(matchRelevant([at('a.md'), at('a.md', 'Usage'), at('a.md', 'Guide > 설치')], ['a.md#설치'])).toEqual([false, false, true]);
    expect(matchRelevant([at('a.md', ' INTRO ')], ['a.md#Intro'])).toEqual([true]);
  });

  it('counts each item once; a second passage of it keeps its place and brings nothing', () => {
    expect(matchRelevant([at('a.md'), at('a.md'), at('b.md')], ['a.md', 'b.md'])).toEqual([true, false, true]);
  });

  it('has one flag per passage and never more hits than items', () => {
    const name = fc.constantFrom('a.md', 'b.md', 'c.md', 'x/a.md');
    fc.assert(
      fc.property(fc.array(name), fc.array(name), (documents, relevant) => {
        const flags = matchRelevant(
          documents.map((document) => at(document)),
          relevant,
        );

        expect(flags).toHaveLength(documents.length);
        expect(flags.filter(Boolean).length).toBeLessThanOrEqual(new Set(relevant).size);
      }),
    );
  });
});
