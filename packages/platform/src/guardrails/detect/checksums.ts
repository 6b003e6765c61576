const digitAt = (digits: string, index: number): number => digits.charCodeAt(index) - 48;

/** Luhn's check of payment cards (ISO/IEC 7812-1). */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const value = digitAt(digits, digits.length - 1 - index) * (index % 2 === 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return digits.length > 0 && sum % 10 === 0;
}

const RESIDENT_WEIGHTS = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];

/**
 * A Korean resident or foreigner registration number: a date of birth, a digit for century and sex, and (for numbers given before
 * October 2020) a check digit. Newer numbers have random digits, so a wrong check digit is allowed where the date could be newer.
 */
export function isResidentNumber(digits: string): boolean {
  if (digits.length !== 13) return false;
  const mark = digitAt(digits, 6);
  if (!isDate(digits.slice(0, 6), mark)) return false;
  const sum = RESIDENT_WEIGHTS.reduce((total, weight, index) => total + weight * digitAt(digits, index), 0);
  const check = (11 - (sum % 11)) % 10;
  const last = digitAt(digits, 12);
  const foreign = mark >= 5 && mark <= 8;
  if (last === check || (foreign && last === (check + 2) % 10)) return true;
  return isSince2020(digits, mark);
}

/** Months have their days; which century is said by the seventh digit. */
function isDate(date: string, mark: number): boolean {
  const [year, month, day] = [Number(date.slice(0, 2)), Number(date.slice(2, 4)), Number(date.slice(4, 6))];
  if (month < 1 || month > 12 || day < 1 || mark < 0 || mark > 9) return false;
  const full = (mark === 9 || mark === 0 ? 1800 : [3, 4, 7, 8].includes(mark) ? 2000 : 1900) + year;
  return day <= new Date(Date.UTC(full, month, 0)).getUTCDate();
}

const isSince2020 = (digits: string, mark: number): boolean => [3, 4, 7, 8].includes(mark) && Number(digits.slice(0, 4)) >= 2010;

const BUSINESS_WEIGHTS = [1, 3, 7, 1, 3, 7, 1, 3, 5];

/** The check digit of a Korean business registration number. */
export function isBusinessNumber(digits: string): boolean {
  if (digits.length !== 10 || /^0+$/.test(digits)) return false;
  const sum = BUSINESS_WEIGHTS.reduce((total, weight, index) => total + weight * digitAt(digits, index), 0) + Math.floor((5 * digitAt(digits, 8)) / 10);
  return (10 - (sum % 10)) % 10 === digitAt(digits, 9);
}

/** Remainder 1 of 97 (ISO 7064), over an IBAN without spaces. */
export function isIban(text: string): boolean {
  const length = IBAN_LENGTHS[text.slice(0, 2)];
  if (length !== text.length) return false;
  let rest = 0;
  for (const letter of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(letter, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** Lengths of the IBAN registry (SWIFT, release 97). */
const IBAN_LENGTHS: Readonly<Record<string, number>> = {
  AD: 24,
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  BR: 29,
  BY: 28,
  CH: 21,
  CR: 22,
  CY: 28,
  CZ: 24,
  DE: 22,
  DK: 18,
  DO: 28,
  EE: 20,
  EG: 29,
  ES: 24,
  FI: 18,
  FO: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GI: 23,
  GL: 18,
  GR: 27,
  GT: 28,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IQ: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LB: 28,
  LC: 32,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  LY: 25,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MR: 27,
  MT: 31,
  MU: 30,
  NL: 18,
  NO: 15,
  PK: 24,
  PL: 28,
  PS: 29,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  SA: 24,
  SC: 31,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  ST: 25,
  SV: 28,
  TL: 23,
  TN: 24,
  TR: 26,
  UA: 29,
  VA: 22,
  VG: 24,
  XK: 20,
};

const MRZ_WEIGHTS = [7, 3, 1];

/** Check digit of a machine-readable travel document (ICAO 9303). */
export function isMrzField(field: string, check: string): boolean {
  let sum = 0;
  for (let index = 0; index < field.length; index += 1) {
    const letter = field[index] ?? '<';
    sum += (letter === '<' ? 0 : Number.parseInt(letter, 36)) * (MRZ_WEIGHTS[index % 3] ?? 1);
  }
  return String(sum % 10) === check;
}
