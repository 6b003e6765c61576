import { isLetter, isTokenPart, isWord } from './characters.ts';
import type { Detector, Finding, Reader } from './finding.ts';

const MAX_LOCAL = 64;
const MAX_DOMAIN = 253;

/** Before the `@`; letters of other alphabets are kept out, so that a Korean particle does not become a part of the address. */
const isLocal = (code: number): boolean => isTokenPart(code) || code === 46 || code === 43 || code === 37 || code === 39;

/** E-mail addresses, found from their `@`. */
export const findEmails: Detector = (reader) => {
  const found: Finding[] = [];
  let free = 0;
  for (let at = reader.text.indexOf('@'); at >= 0; at = reader.text.indexOf('@', at + 1)) {
    let start = at;
    while (start > free && at - start < MAX_LOCAL && isLocal(reader.at(start - 1))) start -= 1;
    while (start < at && !isWord(reader.at(start))) start += 1;
    const end = domainEnd(reader, at + 1);
    if (start === at || reader.at(at - 1) === 46 || end === undefined) continue;
    found.push({ start, end, kind: 'email' });
    free = end;
  }
  return found;
};

/** Two labels at least, the last one of letters. */
function domainEnd(reader: Reader, start: number): number | undefined {
  let end = start;
  while (end - start < MAX_DOMAIN && (isTokenPart(reader.at(end)) || reader.at(end) === 46) && reader.at(end) !== 95) end += 1;
  while (end > start && !isLetter(reader.at(end - 1))) end -= 1;
  const labels = reader.slice(start, end).split('.');
  const last = labels.at(-1) ?? '';
  return labels.length >= 2 && labels.every((label) => label !== '' && !label.startsWith('-')) && /^[A-Za-z]{2,}$/.test(last) ? end : undefined;
}
