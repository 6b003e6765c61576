import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PII_KINDS, SECRET_KINDS } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import { createReader } from './finding.ts';
import { scoreInjection } from './injection.ts';
import { piiDetectors, scan, secretDetectors } from './scan.ts';

type Row = { readonly set: 'entities'; readonly text: string } | { readonly set: 'injection'; readonly text: string; readonly attack: boolean };

const rows = readFileSync(join(import.meta.dirname, '../__fixtures__/labelled.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

interface Score {
  right: number;
  wrong: number;
  missed: number;
}

const precision = ({ right, wrong }: Score): number => right / Math.max(1, right + wrong);
const recall = ({ right, missed }: Score): number => right / Math.max(1, right + missed);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** `[[kind:value]]` marks what is to be found. */
function readMarks(text: string): { text: string; expected: Set<string> } {
  const expected = new Set<string>();
  let plain = '';
  let from = 0;
  for (const match of text.matchAll(/\[\[([a-z-]+):(.+?)\]\]/g)) {
    plain += text.slice(from, match.index);
    expected.add(`${match[1]}@${plain.length}:${match[2]}`);
    plain += match[2];
    from = match.index + match[0].length;
  }
  return { text: plain + text.slice(from), expected };
}

describe('the labelled set', () => {
  it('says how much of personal data and secrets is found, and how often that is wrong', () => {
    const detectors = [...secretDetectors(SECRET_KINDS), ...piiDetectors(PII_KINDS)];
    const byLanguage: Record<string, Score> = { English: { right: 0, wrong: 0, missed: 0 }, Korean: { right: 0, wrong: 0, missed: 0 } };
    for (const row of rows) {
      if (row.set !== 'entities') continue;
      const { text, expected } = readMarks(row.text);
      const score = byLanguage[/[가-힣]/.test(text) ? 'Korean' : 'English'];
      if (score === undefined) continue;
      const found = scan(createReader(text), detectors).map((finding) => `${finding.kind}@${finding.start}:${text.slice(finding.start, finding.end)}`);
      score.right += found.filter((each) => expected.has(each)).length;
      score.wrong += found.filter((each) => !expected.has(each)).length;
      score.missed += [...expected].filter((each) => !found.includes(each)).length;
      if (process.env['MARU_SHOW'] === '1' && (found.some((each) => !expected.has(each)) || [...expected].some((each) => !found.includes(each))))
        process.stdout.write(`${text}\n   found ${found.join(' | ')}\n`);
    }
    for (const [language, score] of Object.entries(byLanguage)) {
      process.stdout.write(
        `entities, ${language}: precision ${percent(precision(score))}, recall ${percent(recall(score))} (${score.right} right, ${score.wrong} wrong, ${score.missed} missed)\n`,
      );
      expect(precision(score)).toBeGreaterThanOrEqual(0.95);
      expect(recall(score)).toBeGreaterThanOrEqual(0.85);
    }
  });

  it('says how many attempts of injection are found, and how often that is wrong', () => {
    const score: Score = { right: 0, wrong: 0, missed: 0 };
    for (const row of rows) {
      if (row.set !== 'injection') continue;
      const found = scoreInjection(createReader(row.text)) >= 0.5;
      if (found && row.attack) score.right += 1;
      if (found && !row.attack) score.wrong += 1;
      if (!found && row.attack) score.missed += 1;
      if (process.env['MARU_SHOW'] === '1' && found !== row.attack) process.stdout.write(`${row.attack ? 'missed' : 'wrong'}: ${row.text}\n`);
    }
    process.stdout.write(
      `injection: precision ${percent(precision(score))}, recall ${percent(recall(score))} (${score.right} right, ${score.wrong} wrong, ${score.missed} missed)\n`,
    );
    expect(precision(score)).toBeGreaterThanOrEqual(0.9);
    expect(recall(score)).toBeGreaterThanOrEqual(0.75);
  });
});
