import { isLetter, isDigit as isPlainDigit } from './characters.ts';
import type { Reader } from './finding.ts';

/** Groups of digits with a separator between them: how people write numbers. */
export interface DigitGroups {
  readonly start: number;
  readonly end: number;
  readonly digits: string;
  /** Lengths of the groups. */
  readonly groups: readonly number[];
  /** A plus stands before it. */
  readonly plus: boolean;
}

interface Group {
  readonly start: number;
  readonly end: number;
  /** Follows the group before it with nothing but a separator in between. */
  readonly joined: boolean;
}

/** No number that is looked for has more groups, or fewer or more digits. */
const MAX_GROUPS = 6;
const MIN_DIGITS = 9;
const MAX_DIGITS = 19;

/** Full-width digits are digits too. */
const isDigit = (code: number): boolean => isPlainDigit(code) || (code >= 0xff10 && code <= 0xff19);

const isSeparator = (code: number): boolean => code === 32 || code === 45 || code === 46 || code === 0x2010 || code === 0x2011 || code === 0x2013;

/**
 * Offers every number that could be meant, the longest first: groups that belong together may stand beside others, as a phone number
 * behind a date. A number that is taken is not offered again in parts.
 */
export function forEachNumber(reader: Reader, take: (number: DigitGroups) => boolean): void {
  const groups = readGroups(reader);
  for (let first = 0; first < groups.length; ) {
    let last = first;
    while (last + 1 < groups.length && last + 1 - first < MAX_GROUPS && groups[last + 1]?.joined === true) last += 1;
    let digits = 0;
    for (let at = first; at <= last; at += 1) digits += lengthOf(groups[at]);
    // What is too short or too long to be a number is passed over before anything is made of it.
    for (; last >= first && digits >= MIN_DIGITS; last -= 1) {
      if (digits <= MAX_DIGITS && offer(reader, groups.slice(first, last + 1), take)) break;
      digits -= lengthOf(groups[last]);
    }
    if (digits < MIN_DIGITS) last = first - 1;
    first = Math.max(first, last) + 1;
  }
}

const lengthOf = (group: Group | undefined): number => (group === undefined ? 0 : group.end - group.start);

function offer(reader: Reader, groups: readonly Group[], take: (number: DigitGroups) => boolean): boolean {
  const [first] = groups;
  const last = groups.at(-1);
  if (first === undefined || last === undefined) return false;
  const lengths = groups.map(lengthOf);
  const before = reader.at(first.start - 1);
  if (isLetter(before) || before === 95) return false;
  const digits = groups.map((group) => plain(reader.slice(group.start, group.end))).join('');
  return take({ start: first.start, end: last.end, digits, groups: lengths, plus: before === 43 });
}

function readGroups(reader: Reader): readonly Group[] {
  const groups: Group[] = [];
  for (let at = 0; at < reader.length; at += 1) {
    if (!isDigit(reader.at(at))) continue;
    const start = at;
    while (isDigit(reader.at(at))) at += 1;
    const before = groups.at(-1);
    groups.push({ start, end: at, joined: before !== undefined && isJoint(reader, before.end, start) });
  }
  return groups;
}

const plain = (digits: string): string => digits.replace(/[\uff10-\uff19]/g, (digit) => String(digit.charCodeAt(0) - 0xff10));

/** One separator, or a few such as `) ` and ` - `. */
function isJoint(reader: Reader, from: number, to: number): boolean {
  if (to - from < 1 || to - from > 3) return false;
  for (let at = from; at < to; at += 1) {
    const code = reader.at(at);
    if (!isSeparator(code) && code !== 40 && code !== 41) return false;
  }
  return true;
}
