import { describe, expect, it } from 'vitest';
import { parseBlocks } from './parse-blocks.ts';
import { parseInline } from './parse-inline.ts';

describe('parseBlocks', () => {
  it('finds headings, lists, code, quotes and tables', () => {
    const source = '# Title\n\nText\nmore\n\n- one\n- two\n\n```ts\nx = 1\n```\n> said\n\n| a | b |\n|---|---|\n| 1 | 2 |';

    expect(parseBlocks(source)).toEqual([
      { type: 'heading', text: 'Title' },
      { type: 'paragraph', text: 'Text\nmore' },
      { type: 'list', ordered: false, items: ['one', 'two'] },
      { type: 'code', text: 'x = 1' },
      { type: 'quote', text: 'said' },
      { type: 'table', header: ['a', 'b'], rows: [['1', '2']] },
    ]);
  });

  it('ends on text that is cut in the middle of code', () => {
    expect(parseBlocks('```\nhalf')).toEqual([{ type: 'code', text: 'half' }]);
  });

  it('keeps what it does not know as text', () => {
    expect(parseBlocks('| not a table')).toEqual([{ type: 'paragraph', text: '| not a table' }]);
  });
});

describe('parseInline', () => {
  it('turns names of sources and their numbers into citations, and nothing else', () => {
    const citations = ['a.md § B', 'c.pdf p. 4'];

    expect(parseInline('As said [c.pdf p. 4], and [1] but not [x] or [3].', citations)).toEqual([
      { type: 'text', text: 'As said ' },
      { type: 'citation', text: 'c.pdf p. 4', index: 1 },
      { type: 'text', text: ', and ' },
      { type: 'citation', text: '1', index: 0 },
      { type: 'text', text: ' but not [x] or [3].' },
    ]);
  });

  it('links to http and https only', () => {
    expect(parseInline('[a](https://maru.dev) [b](javascript:alert(1))')).toEqual([
      { type: 'link', text: 'a', href: 'https://maru.dev' },
      { type: 'text', text: ' [b](javascript:alert(1))' },
    ]);
  });

  it('knows strong, emphasis and code', () => {
    expect(parseInline('**a** *b* `c` 2*3*4')).toEqual([
      { type: 'strong', text: 'a' },
      { type: 'text', text: ' ' },
      { type: 'emphasis', text: 'b' },
      { type: 'text', text: ' ' },
      { type: 'code', text: 'c' },
      { type: 'text', text: ' 2*3*4' },
    ]);
  });
});
