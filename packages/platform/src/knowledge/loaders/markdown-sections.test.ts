import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markdownPieces } from './markdown-pieces.ts';
import { markdownSections } from './markdown-sections.ts';

const BLOCKS = [
  '# One\n',
  '## Two ##\n',
  'Words of a paragraph\nin two lines.\n',
  'Setext\n------\n',
  '- item\n\n  ```\n# no heading\n\nno paragraph\n  ```\n',
  '- ```\n  # code\n  ```\n',
  '- item\n\n  ```\n  # no heading\n\n  none\n  ```\n',
  '```js\n# no heading\n\n# none either\n```\n',
  '~~~~\n```\n\n# no heading\n~~~\n\n## none\n~~~~\n',
  '<!-- comment\n\n# no heading\n-->\n',
  '<pre>\n\n# no heading\n\n</pre>\n',
  '> quote\n\n1. first\n\n   more\n',
  '    # code\n\n',
  '\n',
];

describe('markdownSections', () => {
  it('finds the same sections in pieces as in one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...BLOCKS), { maxLength: 30 }), async (blocks) => {
        const text = blocks.join('\n');
        expect(await markdownSections(text, 0, 1)).toEqual(await markdownSections(text, 0, Number.POSITIVE_INFINITY));
      }),
      { numRuns: 500 },
    );
  });

  it('cuts a long text into many pieces', () => {
    const text = '# Title\n\nText.\n\n'.repeat(1000);

    const cuts = markdownPieces(text, 0, 1000);

    expect(cuts.length).toBeGreaterThan(14);
    expect(cuts.map((cut) => text.slice(cut).match(/^(# Title|Text\.)/)?.index)).toEqual(cuts.map(() => 0));
  });
});
