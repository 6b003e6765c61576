import { isBusinessNumber, isLuhn, isResidentNumber } from './checksums.ts';
import { type DigitGroups, forEachNumber } from './digit-groups.ts';
import type { Detector, Finding } from './finding.ts';

type Shape = (run: DigitGroups) => boolean;

const groupsAre = (run: DigitGroups, ...shapes: readonly string[]): boolean => shapes.includes(run.groups.join('-'));

/** First digits and lengths of the card networks. */
const CARD =
  /^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35\d{14}|62\d{14,17}|9\d{15})$/;

const isCard: Shape = (run) => {
  const { digits } = run;
  if (digits.length < 13 || digits.length > 19 || !CARD.test(digits) || !isLuhn(digits)) return false;
  return run.groups.length === 1 || groupsAre(run, '4-4-4-4', '4-6-5', '4-6-4', '4-4-4-4-3', '4-4-4-1');
};

/** Area codes and the prefixes of mobile and internet phones of Korea. */
const KR_AREA = /^(?:02|0(?:3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|50\d|80))/;

const isKoreanPhone: Shape = (run) => {
  const country = run.plus && run.digits.startsWith('82');
  const digits = country ? `0${run.digits.slice(2).replace(/^0/, '')}` : run.digits;
  if (/^01[016789]/.test(digits) && (digits.length === 11 || (digits.length === 10 && !digits.startsWith('010')))) return country || groupsAre(run, ...MOBILE);
  // Without separators the numbers of landlines look like any other number.
  return (
    KR_AREA.test(digits) &&
    (country ? groupsAre(run, ...ABROAD) : groupsAre(run, ...LANDLINE)) &&
    digits.startsWith('02') === (run.groups[country ? 1 : 0] === (country ? 1 : 2))
  );
};

const MOBILE = ['11', '10', '3-4-4', '3-3-4', '3-8', '3-7'];
const LANDLINE = ['2-3-4', '2-4-4', '3-3-4', '3-4-4', '4-3-4', '4-4-4'];
const ABROAD = ['2-1-3-4', '2-1-4-4', '2-2-3-4', '2-2-4-4', '2-3-3-4', '2-3-4-4'];

const isResident: Shape = (run) => (groupsAre(run, '6-7', '13') ? isResidentNumber(run.digits) : false);

/** Without its usual groups any tenth number of ten digits would pass the check. */
const isBusiness: Shape = (run) => groupsAre(run, '3-2-5') && isBusinessNumber(run.digits);

const isLicence: Shape = (run) => groupsAre(run, '2-2-6-2') && /^(?:1[1-9]|2[0-8])$/.test(run.digits.slice(0, 2));

const isSsn: Shape = (run) => groupsAre(run, '3-2-4') && !/^(?:000|666|9)|^...00|0000$/.test(run.digits);

const isUsPhone: Shape = (run) => {
  const digits = run.plus && run.digits.startsWith('1') ? run.digits.slice(1) : run.digits;
  return /^[2-9]\d\d[2-9]\d{6}$/.test(digits) && (run.plus || groupsAre(run, '3-3-4')) && run.groups.length <= 4;
};

/** In order: the first kind that fits names the number. */
const SHAPES: readonly (readonly [string, Shape])[] = [
  ['kr-resident-number', isResident],
  ['kr-phone', isKoreanPhone],
  ['card', isCard],
  ['kr-business-number', isBusiness],
  ['kr-driver-licence', isLicence],
  ['us-ssn', isSsn],
  ['us-phone', isUsPhone],
];

/** Numbers that name a person or an account, of the given kinds. */
export function findNumbers(kinds: ReadonlySet<string>): Detector {
  const shapes = SHAPES.filter(([kind]) => kinds.has(kind));
  return (reader) => {
    if (shapes.length === 0) return [];
    const found: Finding[] = [];
    forEachNumber(reader, (run) => {
      const kind = shapes.find(([, fits]) => fits(run))?.[0];
      if (kind !== undefined) found.push({ start: run.plus ? run.start - 1 : run.start, end: run.end, kind });
      return kind !== undefined;
    });
    return found;
  };
}
