import type { ReaderPassage } from './reader-passage.ts';
import { splitStatements } from './split-statements.ts';
import { termsOf } from './terms.ts';

export interface ScoredStatement {
  readonly text: string;
  readonly citation: string;
  readonly passage: number;
  readonly position: number;
  /** Share of the question, by weight of its terms, that the statement with its headings holds. */
  readonly coverage: number;
  readonly score: number;
}

const HEADING_SHARE = 0.5;
const PASSAGE_SHARE = 0.25;
const RANK_BONUS = 0.08;
const NUMBER_BONUS = 0.12;
const UNKNOWN_BIGRAM = 0.25;
export const ASKS_NUMBER = /how (?:many|much|long|often|far|large|big|fast|high)|what (?:percentage|price|size|number)|몇|얼마|비율|가격|크기|시간/i;

/**
 * Weighs every statement of the passages against the question: each term of the question counts by its rarity among the statements (IDF);
 * terms in the heading count half, in the rest of the passage a quarter; earlier passages, and figures where one is asked for, get a little more.
 */
export function scoreStatements(question: string, passages: readonly ReaderPassage[]): ScoredStatement[] {
  const asked = [...termsOf(question)];
  const split = passages.map((passage) => {
    const statements = splitStatements(passage.text).map((statement) => ({ ...statement, terms: termsOf(statement.text) }));
    return { passage, statements, heading: termsOf(`${passage.heading} ${passage.citation}`), all: termsOf(passage.text) };
  });
  const pool = split.flatMap((entry) => entry.statements);
  const weights = asked.map((term) => {
    const count = pool.filter((statement) => statement.terms.has(term)).length;
    // A bigram that stands nowhere is more often an ending than a subject that is missing.
    const share = count === 0 && /[^\x20-\x7e]/.test(term) ? UNKNOWN_BIGRAM : 1;
    return share * Math.log(1 + (pool.length + 1) / (count + 0.5));
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return [];
  const wantsNumber = ASKS_NUMBER.test(question);
  return split.flatMap(({ passage, statements, heading, all }, index) =>
    statements.flatMap((statement, position) => {
      if (statement.isHeading || statement.text.length < 2) return [];
      const coverage = asked.reduce((sum, term, at) => sum + (weights[at] ?? 0) * shareOf(term, { own: statement.terms, heading, all }), 0) / total;
      const own = asked.some((term) => statement.terms.has(term));
      const bonus = RANK_BONUS / (1 + index) + (wantsNumber && /\d/.test(statement.text) ? NUMBER_BONUS : 0) - (/[?？]$/.test(statement.text) ? 0.2 : 0);
      // A statement that shares no word with the question answers it only by its place below a heading.
      return [{ text: statement.text, citation: passage.citation, passage: index, position, coverage, score: coverage * (own ? 1 : 0.6) + bonus }];
    }),
  );
}

function shareOf(term: string, held: { own: ReadonlySet<string>; heading: ReadonlySet<string>; all: ReadonlySet<string> }): number {
  if (held.own.has(term)) return 1;
  if (held.heading.has(term)) return HEADING_SHARE;
  return held.all.has(term) ? PASSAGE_SHARE : 0;
}
