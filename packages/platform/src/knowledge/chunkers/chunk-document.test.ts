import { describe, expect, it } from 'vitest';
import { loadCsv } from '../loaders/load-csv.ts';
import { loadMarkdown } from '../loaders/load-markdown.ts';
import type { LoadInput } from '../loaders/loaded-document.ts';
import { chunkDocument } from './chunk-document.ts';

const input = (path: string, text: string): LoadInput => ({ path, bytes: Buffer.from(text), maxUnpackedBytes: 1e6, signal: new AbortController().signal });
const settings = { strategy: 'heading', size: 200, overlap: 20 } as const;

const GUIDE = `Preface before any heading.

# Guide

## Installing

### On Linux

Run the installer. ${'It takes a while. '.repeat(20)}

## Removing

설치를 지우려면 제거 명령을 실행합니다.
`;

describe('chunkDocument', () => {
  it('keeps a chunk below one heading and says which', async () => {
    const document = await loadMarkdown(input('guide.md', GUIDE));

    const chunks = chunkDocument(document, settings);

    const removing = chunks.find((chunk) => chunk.anchor === 'removing');
    expect(removing?.headings).toEqual(['Guide', 'Removing']);
    expect(GUIDE.slice(removing?.start, removing?.end)).toBe('## Removing\n\n설치를 지우려면 제거 명령을 실행합니다.');
    expect(chunks.filter((chunk) => chunk.anchor === 'on-linux').length).toBeGreaterThan(1);
    expect(chunks.every((chunk) => chunk.end - chunk.start <= settings.size)).toBe(true);
  });

  it('gives headings without text to the section below them, and keeps what stands before the first heading', async () => {
    const document = await loadMarkdown(input('guide.md', GUIDE));

    const chunks = chunkDocument(document, settings);

    expect(chunks.map((chunk) => chunk.headings.at(-1))).not.toContain('Installing');
    expect(GUIDE.slice(chunks[1]?.start, chunks[1]?.end)).toMatch(/^# Guide\n\n## Installing\n\n### On Linux/);
    expect(GUIDE.slice(chunks[0]?.start, chunks[0]?.end)).toBe('Preface before any heading.');
  });

  it('lets a recursive chunk reach over headings and names the one where it begins', async () => {
    const document = await loadMarkdown(input('guide.md', GUIDE));

    const chunks = chunkDocument(document, { ...settings, strategy: 'recursive', size: 1000 });

    expect(chunks).toHaveLength(1);
    expect(chunks[0]?.headings).toEqual([]);
  });

  it('makes one passage of each row, whatever the strategy', async () => {
    const document = await loadCsv(input('gpus.csv', 'kind,memory\nH100,80\nL4,24\n'));

    for (const strategy of ['heading', 'recursive', 'page'] as const) {
      const chunks = chunkDocument(document, { strategy, size: 1000, overlap: 100 });

      expect(chunks.map((chunk) => document.text.slice(chunk.start, chunk.end))).toEqual(['kind: H100; memory: 80', 'kind: L4; memory: 24']);
    }
  });

  it('makes nothing of an empty document', async () => {
    expect(chunkDocument(await loadMarkdown(input('empty.md', '  \n\n')), settings)).toEqual([]);
  });
});
