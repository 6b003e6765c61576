import type { LoadedDocument, Section } from '../loaders/loaded-document.ts';
import type { Chunk, ChunkSettings } from './chunk.ts';
import { cutRange, type Range } from './cut-range.ts';

/**
 * Cuts a document into chunks with exact offsets. `heading` and `page` never let a chunk reach over the end of a section
 * (a heading's text, a page, a row); `recursive` cuts the whole text and names the section in which a chunk begins.
 */
export function chunkDocument(document: LoadedDocument, settings: ChunkSettings): Chunk[] {
  const bounded = settings.strategy !== 'recursive' || document.rows;
  const sections = bounded ? joinBareHeadings(document) : whole(document);
  return sections.flatMap((section) =>
    cutRange(document.text, section, { size: settings.size, overlap: document.rows ? 0 : settings.overlap })
      .map((piece) => trimRange(document.text, piece))
      .filter((piece) => piece.end > piece.start)
      .map((piece) => toChunk(piece, bounded ? section : sectionAt(document.sections, piece.start))),
  );
}

function toChunk(piece: Range, section: Section | undefined): Chunk {
  return {
    ...piece,
    headings: section?.headings ?? [],
    ...(section?.anchor === undefined ? {} : { anchor: section.anchor }),
    ...(section?.page === undefined ? {} : { page: section.page }),
  };
}

/** A heading without text of its own goes to the section that follows: alone it answers nothing. */
function joinBareHeadings(document: LoadedDocument): Section[] {
  if (document.rows) return [...document.sections];
  const joined: Section[] = [];
  let pending: number | undefined;
  document.sections.forEach((section, index) => {
    const start = pending ?? section.start;
    const next = document.sections[index + 1];
    const deeper = next !== undefined && next.headings.length > section.headings.length;
    if (section.anchor !== undefined && deeper && !hasBody(document.text, section)) pending = start;
    else {
      joined.push({ ...section, start });
      pending = undefined;
    }
  });
  return joined;
}

function hasBody(text: string, section: Section): boolean {
  const source = text.slice(section.start, section.end).trim();
  return source.includes('\n') && !/^[^\n]+\n[=-]+$/.test(source);
}

function whole(document: LoadedDocument): Section[] {
  const first = document.sections[0];
  return first === undefined ? [] : [{ start: first.start, end: document.text.length, headings: [] }];
}

function sectionAt(sections: readonly Section[], at: number): Section | undefined {
  return sections.findLast((section) => section.start <= at);
}

function trimRange(text: string, range: Range): Range {
  const piece = text.slice(range.start, range.end);
  const start = range.start + (piece.length - piece.trimStart().length);
  return { start, end: Math.max(start, range.start + piece.trimEnd().length) };
}
