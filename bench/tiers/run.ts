// What tiered selection saves and loses: `node bench/tiers/run.ts`. The set, how it was labelled and what the figures can not say stand in README.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promptFactsOf, readTrainingRows, trainClassifier } from '../../packages/platform/src/router/index.ts';
import { complexityOf } from './rule-based.ts';

/** US dollars for a million tokens, of a small and a big model; the ratio is what matters. */
const PRICES = { small: { input: 0.15, output: 0.6 }, big: { input: 2.5, output: 10 } };
/** Tokens of an answer that are assumed: a hard request is answered at greater length, whoever answers. */
const ANSWER_TOKENS = { easy: 150, hard: 800 };

const lines = readFileSync(join(import.meta.dirname, 'labelled.jsonl'), 'utf8')
  .trim()
  .split('\n');
// The file is ordered by the SHA-256 of its texts, so its beginning is a random part of it.
const cut = Math.round((lines.length * 2) / 3);
const test = lines.slice(cut).map((line) => JSON.parse(line) as { readonly prompt: string; readonly hard: boolean });
const classifier = trainClassifier(readTrainingRows(lines.slice(0, cut).join('\n')), {
  source: `bench/tiers/labelled.jsonl, the first ${cut} of ${lines.length} rows`,
});
const shipped = readFileSync(join(import.meta.dirname, '../../packages/platform/src/router/prompt/data/classifier.json'), 'utf8');
if (JSON.stringify(JSON.parse(shipped)) !== JSON.stringify(classifier)) {
  process.stderr.write('the classifier that comes with Maru is not the one that this set gives: train it anew\n');
  process.exitCode = 1;
}

type Chooser = (prompt: string) => boolean;
const rules: Chooser = (prompt) =>
  complexityOf({ promptTokens: Math.ceil(Buffer.byteLength(prompt) / 4), turns: 1, tools: false, images: false, text: prompt }) !== 'simple';
const trained =
  (threshold: number): Chooser =>
  (prompt) =>
    promptFactsOf({ prompt }).difficulty() >= threshold;
const choosers: readonly (readonly [string, Chooser])[] = [
  ['always big', () => true],
  ['always small', () => false],
  ['rules (before)', rules],
  ['trained, 0.30', trained(0.3)],
  ['trained, 0.40', trained(0.4)],
  ['trained, 0.50', trained(0.5)],
  ['trained, 0.60', trained(0.6)],
];

const costOf = (prompt: string, hard: boolean, big: boolean): number => {
  const price = big ? PRICES.big : PRICES.small;
  return ((Buffer.byteLength(prompt) / 4) * price.input + (hard ? ANSWER_TOKENS.hard : ANSWER_TOKENS.easy) * price.output) / 1e6;
};
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const alwaysBig = sum(test.map(({ prompt, hard }) => costOf(prompt, hard, true)));
const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

process.stdout.write(`${test.length} requests that were not trained on, ${test.filter((row) => row.hard).length} of them hard\n\n`);
process.stdout.write(
  '| Chooses | hard → big | hard → small | easy → big | easy → small | told right | answered well | cost | saved against always big |\n|---|---|---|---|---|---|---|---|---|\n',
);
for (const [name, choose] of choosers) {
  const says = test.map((row) => ({ ...row, big: choose(row.prompt) }));
  const count = (hard: boolean, big: boolean): number => says.filter((each) => each.hard === hard && each.big === big).length;
  const cost = sum(says.map(({ prompt, hard, big }) => costOf(prompt, hard, big)));
  // By the meaning of the label, a small model answers easy requests well and hard ones not.
  const well = 1 - count(true, false) / says.length;
  const right = (count(true, true) + count(false, false)) / says.length;
  process.stdout.write(
    `| ${name} | ${count(true, true)} | ${count(true, false)} | ${count(false, true)} | ${count(false, false)} | ${percent(right)} | ${percent(well)} | $${(cost * 1000).toFixed(2)} per 1,000 sets | ${percent(1 - cost / alwaysBig)} |\n`,
  );
}
