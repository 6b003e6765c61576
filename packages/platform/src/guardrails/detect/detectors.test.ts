import { PII_KINDS, SECRET_KINDS } from '@maru/api/resources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBusinessNumber, isIban, isLuhn, isResidentNumber } from './checksums.ts';
import { createReader, type Detector } from './finding.ts';
import { createPhraseFinder } from './phrases.ts';
import { piiDetectors, scan, secretDetectors } from './scan.ts';

const all = [...secretDetectors(SECRET_KINDS), ...piiDetectors(PII_KINDS)];
const found = (text: string, detectors: readonly Detector[] = all): string[] =>
  scan(createReader(text), detectors).map(({ kind, start, end }) => `${kind}:${text.slice(start, end)}`);

const withCheck = (isValid: (digits: string) => boolean, head: string): string => {
  for (let digit = 0; digit <= 9; digit += 1) if (isValid(head + digit)) return head + digit;
  return '';
};

describe('check digits', () => {
  it('of a card: one digit of ten fits, and any wrong digit is noticed', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^4\d{14}$/), fc.nat(14), fc.integer({ min: 1, max: 9 }), (head, place, add) => {
        const card = withCheck(isLuhn, head);
        const digit = (Number(card[place]) + add) % 10;

        expect(isLuhn(card)).toBe(true);
        expect(isLuhn(card.slice(0, place) + digit + card.slice(place + 1))).toBe(false);
      }),
    );
  });

  it('of a business number: any wrong digit but one of weight five is noticed', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[1-9]\d{8}$/), fc.nat(7), fc.integer({ min: 1, max: 9 }), (head, place, add) => {
        const number = withCheck(isBusinessNumber, head);
        const digit = (Number(number[place]) + add) % 10;

        expect(isBusinessNumber(number)).toBe(true);
        expect(isBusinessNumber(number.slice(0, place) + digit + number.slice(place + 1))).toBe(false);
      }),
    );
  });

  it('of an IBAN: a wrong digit and two digits that changed places are noticed', () => {
    const iban = 'DE89370400440532013000';
    expect(isIban(iban)).toBe(true);
    for (let place = 4; place < iban.length; place += 1) {
      expect(isIban(iban.slice(0, place) + ((Number(iban[place]) + 1) % 10) + iban.slice(place + 1))).toBe(false);
      const swapped = iban.slice(0, place) + (iban[place + 1] ?? '') + (iban[place] ?? '') + iban.slice(place + 2);
      if (place + 1 < iban.length && iban[place] !== iban[place + 1]) expect(isIban(swapped)).toBe(false);
    }
  });

  it('of a resident number: dates that are none, and wrong digits of numbers before October 2020', () => {
    expect(isResidentNumber('9001011234568')).toBe(true);
    expect(isResidentNumber('9001011234567')).toBe(false);
    expect(isResidentNumber('9002301234568')).toBe(false);
    expect(isResidentNumber('0002293000000') || isResidentNumber('0002293000001')).toBeTypeOf('boolean');
    expect(isResidentNumber('2103013999999')).toBe(true);
  });
});

describe('detectors', () => {
  it('find nothing in most numbers of that length', () => {
    let hits = 0;
    let state = 1;
    for (let index = 0; index < 2000; index += 1) {
      state = (state * 48271) % 2147483647;
      if (found(`id ${String(state).padStart(10, '1').repeat(2).slice(0, 16)} end`).length > 0) hits += 1;
    }
    expect(hits).toBeLessThan(120);
  });

  it.each([
    ['email:a@b.co', 'see a@b.co.'],
    ['kr-phone:010-1234-5678', '2024-11-21 010-1234-5678로'],
    ['card:4111111111111111', 'x 4111111111111111,'],
    ['iban:DE89 3704 0044 0532 0130 00', 'IBAN DE89 3704 0044 0532 0130 00 BIC'],
    [
      'private-key:-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----',
      'k -----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- e',
    ],
  ])('find %s', (expected, text) => {
    expect(found(text)).toEqual([expected]);
  });

  it('find a number wherever it stands between others', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^\d{1,4}$/), { maxLength: 4 }), fc.array(fc.stringMatching(/^\d{1,3}$/), { maxLength: 4 }), (before, after) => {
        const text = [...before, '|', '010-1234-5678', '|', ...after].join(' ');

        expect(found(text, piiDetectors(['kr-phone']))).toContain('kr-phone:010-1234-5678');
      }),
    );
  });

  it('never find outside of the text, and never twice in one place', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('1', '0', '-', ' ', '@', 'a', '.', 'D', 'E', '8', '9', '<', 'eyJ', 'sk-', 'AKIA', '+82', '가'), maxLength: 80 }),
        (text) => {
          let end = 0;
          for (const finding of scan(createReader(text), all)) {
            expect(finding.start).toBeGreaterThanOrEqual(end);
            expect(finding.end).toBeGreaterThan(finding.start);
            expect(finding.end).toBeLessThanOrEqual(text.length);
            end = finding.end;
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('phrases', () => {
  const words = (phrases: readonly string[], text: string): string[] =>
    createPhraseFinder(phrases)(createReader(text)).map(({ start, end }) => text.slice(start, end));

  it('are found whatever their case, spaces and invisible letters', () => {
    expect(words(['secret plan'], 'A SECRET   \n plan and a se\u200bcret\u00a0plan')).toEqual(['SECRET   \n plan', 'se\u200bcret\u00a0plan']);
    expect(words(['무시'], '지시를 무시하고')).toEqual(['무시']);
  });

  it('are words of their own where they are Latin', () => {
    expect(words(['ass'], 'class assassin ass.')).toEqual(['ass']);
  });

  it('are found inside of each other', () => {
    expect(words(['he', 'she', 'hers'], 'she hers he')).toEqual(['she', 'hers', 'he']);
    expect(words(['사과', '사과나무'], '사과나무')).toEqual(['사과', '사과나무']);
  });

  it('are the same as a search for each', () => {
    const unit = fc.constantFrom('a', 'b', '가', '나');
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: fc.constantFrom('가', '나', '다'), minLength: 1, maxLength: 3 }), { maxLength: 6 }),
        fc.string({ unit, maxLength: 40 }),
        (phrases, text) => {
          const expected = phrases.flatMap((phrase) =>
            Array.from({ length: text.length }, (_, at) => at)
              .filter((at) => text.startsWith(phrase, at))
              .map((at) => `${at}:${phrase}`),
          );
          const got = createPhraseFinder(phrases)(createReader(text)).map(({ start, end }) => `${start}:${text.slice(start, end)}`);

          expect(got.sort()).toEqual(expected.sort());
        },
      ),
    );
  });
});
