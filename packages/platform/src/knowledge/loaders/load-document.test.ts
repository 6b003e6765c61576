import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DocumentKind } from './detect-kind.ts';
import { loadDocument } from './load-document.ts';
import type { LoadedDocument } from './loaded-document.ts';

const EXAMPLES = join(import.meta.dirname, '../../../../../examples/quickstart/documents');
const FIXTURES = join(import.meta.dirname, '../__fixtures__');
const load = (kind: DocumentKind, path: string, bytes: Uint8Array | string): Promise<LoadedDocument> =>
  loadDocument(kind, { path, bytes: Buffer.from(bytes), maxUnpackedBytes: 50_000_000, signal: new AbortController().signal });

function expectCovered(document: LoadedDocument, from = 0): void {
  let at = from;
  for (const section of document.sections) {
    expect(section.start).toBe(at);
    at = section.end;
  }
  expect(at).toBe(document.text.length);
}

describe('loadDocument', () => {
  it('reads Markdown with exact offsets, headings as people see them, and front matter left out', async () => {
    const text = '---\ntitle: "The guide"\n---\n# A `code` [link](x.md)\n\nText.\n\n```\n# no heading\n```\n\nSetext\n------\nEnd';

    const document = await load('markdown', 'guide.md', text);

    expect(document.title).toBe('The guide');
    expect(document.sections.map((section) => section.headings)).toEqual([['A code link'], ['A code link', 'Setext']]);
    expect(document.sections[0]?.anchor).toBe('a-code-link');
    expectCovered(document, text.indexOf('# A'));
  });

  it('reads the article of an HTML page without its menu, scripts and footer', async () => {
    const document = await load('html', 'page.html', readFileSync(join(EXAMPLES, 'vllm-settings.html')));

    expect(document.title).toBe('vLLM settings that matter');
    expect(document.text).not.toMatch(/Contact|font-family|Apache-2\.0/);
    expect(document.text).toContain('| 70B | 4 GPUs with 80 GB, or 8 A10G |');
    expect(document.sections.map((section) => section.headings.at(-1))).toContain('Batching');
    expectCovered(document);
  });

  it('survives HTML that is nested without end, cut or empty', async () => {
    await expect(load('html', 'deep.html', '<div>'.repeat(200_000))).rejects.toMatchObject({ code: 'document_unreadable' });
    expect((await load('html', 'cut.html', '<p>Text <b>bold <table><tr><td>cell')).text).toContain('bold');
    expect((await load('html', 'empty.html', '')).text).toBe('');
  });

  it('reads a PDF page by page', async () => {
    const document = await load('pdf', 'gpu-operations.pdf', readFileSync(join(EXAMPLES, 'gpu-operations.pdf')));

    expect(document.title).toBe('GPU node operations guide');
    expect(document.sections.map((section) => section.page)).toEqual([1, 2, 3, 4]);
    const second = document.sections[1];
    expect(document.text.slice(second?.start, second?.end)).toMatch(/^2\. Draining a node\n\nCordon the node first/);
    expectCovered(document);
  });

  it('reads a Korean PDF', async () => {
    const document = await load('pdf', 'incident-guide.pdf', readFileSync(join(EXAMPLES, 'ko/incident-guide.pdf')));

    expect(document.text).toContain('담당자는 5분 안에 대응을 시작하고');
  });

  it('reads a Word document with headings, lists and tables', async () => {
    const document = await load('docx', 'runbook.docx', readFileSync(join(EXAMPLES, 'on-call-runbook.docx')));

    expect(document.sections.map((section) => section.headings.at(-1))).toContain('Escalation');
    expect(document.text).toContain('| Symptom | Likely cause | First step |');
    expect(document.text).toContain('vllm:num_requests_waiting');
    expectCovered(document);
  });

  it('writes CSV rows out with the names of their columns', async () => {
    const document = await load('csv', 'a.csv', '\ufeffname;note\n"A;B";"two\nlines"\nC;\n');

    expect(document.text).toBe('name: A;B; note: two lines\nname: C\n');
    expect(document.sections.map((section) => section.headings)).toEqual([['row 1'], ['row 2']]);
  });

  it('takes a first line that stands alone as the title of a plain text', async () => {
    expect((await load('text', 'notes.txt', 'Release notes\n\nText.')).title).toBe('Release notes');
    expect((await load('text', 'my_notes.txt', 'Text that goes on.\n\nMore.')).title).toBe('my notes');
  });

  it('keeps no zero characters, at the same offsets', async () => {
    const document = await load('text', 'wide.txt', Buffer.from('\ufeffa\0b', 'utf16le'));

    expect(document.text).toBe('a b');
  });

  it.each<[string, DocumentKind, string, Uint8Array | string, RegExp]>([
    ['an encrypted PDF', 'pdf', 'secret.pdf', readFileSync(join(FIXTURES, 'encrypted.pdf')), /secret\.pdf is encrypted/],
    ['a PDF without text', 'pdf', 'scan.pdf', readFileSync(join(FIXTURES, 'without-text.pdf')), /no text layer/],
    ['a broken PDF', 'pdf', 'broken.pdf', '%PDF-1.7\n1 0 obj\n<< broken', /broken\.pdf is a broken PDF/],
    ['a cut PDF', 'pdf', 'cut.pdf', readFileSync(join(EXAMPLES, 'gpu-operations.pdf')).subarray(0, 9000), /cut\.pdf/],
    ['a text that is named .pdf', 'pdf', 'fake.pdf', 'Just text', /is named \.pdf but holds something else/],
    ['a PDF that is named .txt', 'text', 'fake.txt', '%PDF-1.4 …', /is named as text but holds PDF/],
    ['an old or encrypted Word document', 'docx', 'old.docx', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /encrypted or an old Word document/],
    ['a broken archive', 'docx', 'broken.docx', Buffer.from('PK\x03\x04 and nothing more'), /broken archive/],
    ['bytes that are no text', 'text', 'binary.txt', Buffer.from([1, 0, 2, 0, 3]), /holds zero bytes/],
    ['CSV with an open quote', 'csv', 'open.csv', 'a,b\n"never closed', /not valid CSV/],
  ])('refuses %s with one clear error', async (_name, kind, path, bytes, message) => {
    await expect(load(kind, path, bytes)).rejects.toMatchObject({ code: 'document_unreadable', message: expect.stringMatching(message), details: { path } });
  });
});
