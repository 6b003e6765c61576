import { PII_KINDS, SECRET_KINDS } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import { createReader } from './finding.ts';
import { scoreInjection } from './injection.ts';
import { createPhraseFinder } from './phrases.ts';
import { piiDetectors, scan, secretDetectors } from './scan.ts';

const SIZE = 1_000_000;
/** The first ones are read as a whole megabyte, the others as a twentieth of it: the steps tell, not the time. */
const WHOLE = 5;
/** Texts that make backtracking patterns quadratic: almost matches, over and over. */
const HOSTILE: Readonly<Record<string, string>> = {
  'at signs': '@',
  'almost addresses with dots': 'a.b@c.',
  'groups of digits': '12 34 ',
  'digits with separators': '1-',
  'beginnings of private keys': '-----BEGIN PRIVATE KEY-----',
  'almost accounts in a row': 'DE89 3704 0044 0532 0130 01 ',
  'almost tokens of the web': 'eyJ.',
  'pairs of phrases': 'ignore ignore all instructions ',
  'one letter': 'a',
  'one digit': '1',
  'almost phone numbers': '010-1234-567 ',
  'almost cards': '4111 1111 1111 1112 ',
  'almost addresses': 'a@',
  'almost domains': 'x@a-a-a-a-a-',
  'almost accounts': 'DE00 ',
  'dotted numbers': '1.1.',
  'passport letters': 'M1234567',
  'machine-readable fill': '<',
  'key prefixes': 'sk-',
  'key prefixes with tokens': 'AKIA_',
  'beginnings of other blocks': '-----BEGIN ',
  'random words': 'aB3xY9+/',
  spaces: ' ',
  dashes: '-',
  'halves of phrases': 'ignore previous instruction ',
};

describe('detectors', () => {
  it.each(Object.entries(HOSTILE).map(([name, unit], index) => [name, unit, index < WHOLE ? SIZE : SIZE / 20] as const))(
    'read %s in linear steps',
    (_name, unit, size) => {
      const detectors = [...secretDetectors(SECRET_KINDS), ...piiDetectors(PII_KINDS)];
      const stepsFor = (length: number): number => {
        const reader = createReader(unit.repeat(Math.ceil(length / unit.length)).slice(0, length));
        scan(reader, detectors);
        scoreInjection(reader);
        return reader.steps;
      };

      const small = stepsFor(size / 16);
      const large = stepsFor(size);

      expect(large).toBeLessThan(size * 120);
      // Sixteen times the text, sixteen times the steps: a quadratic one would take 256 times as many.
      expect(large).toBeLessThan(small * 18 + 10_000);
    },
  );

  it('follow many phrases at the cost of one', () => {
    const phrases = Array.from({ length: 2000 }, (_, index) => `${'ab'.repeat(index % 40)}x${index}`);
    const reader = createReader('ab'.repeat(SIZE / 2));

    createPhraseFinder(phrases)(reader);

    expect(reader.steps).toBeLessThan(SIZE * 2);
  });
});
