import { decodeText } from './decode-text.ts';
import type { Loader } from './loaded-document.ts';
import { titleOfPath } from './title-of-path.ts';

/** Plain text: one section. A short first line that stands alone is the title. */
export const loadText: Loader = async ({ path, bytes }) => {
  const { text, note } = decodeText(path, bytes);
  const first = /^\s*([^\n]{3,100}?)[ \t]*\r?\n[ \t]*\r?\n/.exec(text)?.[1];
  const title = first !== undefined && !/[.;,:]$/.test(first) ? first : titleOfPath(path);
  return { title, text, sections: [{ start: 0, end: text.length, headings: [] }], rows: false, ...(note === undefined ? {} : { note }) };
};
