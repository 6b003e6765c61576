import { isDigit, isLetter, isUpper, isWord } from './characters.ts';
import { isIban, isMrzField } from './checksums.ts';
import type { Detector, Finding, Reader } from './finding.ts';

/** Bank accounts by the IBAN registry and their check digits. */
export const findIbans: Detector = (reader) => {
  const found: Finding[] = [];
  for (let at = 0; at < reader.length; at += 1) {
    if (!isUpper(reader.at(at)) || isWord(reader.at(at - 1))) continue;
    if (!isUpper(reader.at(at + 1)) || !isDigit(reader.at(at + 2)) || !isDigit(reader.at(at + 3))) continue;
    const end = ibanEnd(reader, at);
    if (end === undefined) continue;
    found.push({ start: at, end, kind: 'iban' });
    at = end;
  }
  return found;
};

/** An account may be followed by a word in capitals: every end of the right length is tried, of at most 34 letters and 8 spaces. */
function ibanEnd(reader: Reader, start: number): number | undefined {
  let text = '';
  let end: number | undefined;
  for (let at = start; at < start + 42; at += 1) {
    const code = reader.at(at);
    if (isDigit(code) || isUpper(code)) text += String.fromCharCode(code);
    else if (code !== 32 || reader.at(at - 1) === 32) break;
    if (text.length >= 15 && !isWord(reader.at(at + 1)) && code !== 32 && isIban(text)) end = at + 1;
  }
  return end;
}

/** Passports of Korea: `M12345678` and, since 2021, `M123A4567`. */
export const findKoreanPassports: Detector = (reader) => {
  const found: Finding[] = [];
  for (let at = 0; at < reader.length; at += 1) {
    const code = reader.at(at);
    if (!(code === 77 || code === 83 || code === 82 || code === 79 || code === 68 || code === 71) || isWord(reader.at(at - 1))) continue;
    if (isWord(reader.at(at + 9))) continue;
    let fits = true;
    for (let offset = 1; offset <= 8 && fits; offset += 1) {
      const next = reader.at(at + offset);
      fits = isDigit(next) || (offset === 4 && isUpper(next));
    }
    if (fits) found.push({ start: at, end: at + 9, kind: 'kr-passport' });
  }
  return found;
};

const MRZ_CHARS = 44;

/** The second line of the machine-readable zone of a passport, by its check digits. */
export const findMrz: Detector = (reader) => {
  const found: Finding[] = [];
  let run = 0;
  for (let at = 0; at <= reader.length; at += 1) {
    const code = reader.at(at);
    if (isUpper(code) || isDigit(code) || code === 60) {
      run += 1;
      continue;
    }
    if (run === MRZ_CHARS) {
      const line = reader.slice(at - run, at);
      if (isMrzField(line.slice(0, 9), line[9] ?? '') && isMrzField(line.slice(13, 19), line[19] ?? '') && isMrzField(line.slice(21, 27), line[27] ?? ''))
        found.push({ start: at - run, end: at, kind: 'passport-mrz' });
    }
    run = 0;
  }
  return found;
};

/** Addresses of IPv4, but for those that name no machine of anybody (private networks, loopback, documentation). */
export const findIpAddresses: Detector = (reader) => {
  const found: Finding[] = [];
  for (let at = 0; at < reader.length; at += 1) {
    if (!isDigit(reader.at(at))) continue;
    const end = dottedEnd(reader, at);
    const before = reader.at(at - 1);
    if (!isLetter(before) && before !== 46 && !isDigit(before) && !isWord(reader.at(end))) {
      const text = reader.slice(at, end);
      if (isPublic(text)) found.push({ start: at, end, kind: 'ip-address' });
    }
    at = end;
  }
  return found;
};

function dottedEnd(reader: Reader, start: number): number {
  let end = start;
  while (isDigit(reader.at(end)) || (reader.at(end) === 46 && isDigit(reader.at(end + 1)))) end += 1;
  return end;
}

const PRIVATE = /^(?:0|10|127|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.0\.2|198\.51\.100|203\.0\.113|22[4-9]|2[3-5]\d)\./;

function isPublic(text: string): boolean {
  if (text.length > 15) return false;
  const parts = text.split('.');
  return (
    parts.length === 4 && parts.every((part) => part.length <= 3 && Number(part) <= 255 && (part.length === 1 || !part.startsWith('0'))) && !PRIVATE.test(text)
  );
}
