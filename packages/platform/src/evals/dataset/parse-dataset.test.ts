import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDataset } from './parse-dataset.ts';

describe('a dataset', () => {
  it('is read from JSONL; empty lines and a byte order mark do not count', async () => {
    const text = '\uFEFF{"input": "질문", "expected": "답", "relevant": ["a.md#Intro"]}\r\n\n{"id": "x", "input": "b", "metadata": {"k": 1}}\n';

    expect(await parseDataset({ text, file: 'questions.jsonl' })).toEqual([
      { id: '1', input: '질문', expected: '답', relevant: ['a.md#Intro'] },
      { id: 'x', input: 'b', metadata: { k: 1 } },
    ]);
  });

  it('is read from CSV; several relevant items are separated, and other columns are metadata', async () => {
    const text = 'id,input,expected,relevant,level\nq1,"What, exactly?","line one\nline two",a.md; b.md#Intro ,hard\nq2,second,,,\n';

    expect(await parseDataset({ text, file: 'questions.csv' })).toEqual([
      { id: 'q1', input: 'What, exactly?', expected: 'line one\nline two', relevant: ['a.md', 'b.md#Intro'], metadata: { level: 'hard' } },
      { id: 'q2', input: 'second' },
    ]);
  });

  it('is read from the rows of a resource', async () => {
    expect(await parseDataset({ rows: [{ input: 'a' }, { id: 'b', input: 'b' }] })).toEqual([
      { id: '1', input: 'a' },
      { id: 'b', input: 'b' },
    ]);
  });

  it.each([
    ['q.jsonl', '{"input": "a"}\n{"input": ', /^q\.jsonl:2: is not valid JSON/],
    ['q.jsonl', '{"input": "a"}\n\n{"inptu": "a"}', /^q\.jsonl:3: /],
    ['q.jsonl', '{"input": ""}', /^q\.jsonl:1: input/],
    ['q.jsonl', '5', /^q\.jsonl:1: the row/],
    ['q.jsonl', '{"id": "x", "input": "a"}\n{"id": "x", "input": "b"}', /^q\.jsonl:2: the id "x" is used already at q\.jsonl:1/],
    ['q.jsonl', ' \n', /^q\.jsonl: the dataset has no rows/],
    ['q.csv', 'question,answer\na,b', /^q\.csv:1: the header has no column "input"/],
    ['q.csv', 'input,expected\na,b,c', /^q\.csv:2: is not valid CSV/],
    ['q.csv', 'input,expected\n"a,b', /^q\.csv:\d+: is not valid CSV/],
    ['q.csv', 'input,expected\na,b\n,c\n', /^q\.csv:3: input/],
    ['q.csv', '', /^q\.csv: the dataset has no rows/],
  ])('says where it is wrong: %s %j', async (file, text, message) => {
    await expect(parseDataset({ text, file })).rejects.toMatchObject({ code: 'resource_invalid', message: expect.stringMatching(message) as string });
  });

  it('is refused in a format that is not known', async () => {
    await expect(parseDataset({ text: '', file: 'rows.xlsx' })).rejects.toMatchObject({ code: 'unsupported_media_type' });
  });

  it('is read or refused with a place, whatever the file holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.constantFrom('a.csv', 'a.jsonl'), async (text, file) => {
        const outcome = await parseDataset({ text, file }).then(
          () => 'read',
          (error: { code?: string }) => error.code,
        );
        expect(['read', 'resource_invalid']).toContain(outcome);
      }),
      { numRuns: 60 },
    );
  });
});
