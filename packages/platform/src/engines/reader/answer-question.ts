import type { ReaderPassage } from './reader-passage.ts';
import { ASKS_NUMBER, type ScoredStatement, scoreStatements } from './score-statements.ts';

/** Below this share of the question the passages are taken not to hold the answer. */
const MIN_COVERAGE = 0.42;
const MAX_STATEMENTS = 3;
const NEAR_BEST = 0.8;
const MAX_CHARACTERS = 1500;

/** The best statements for a question with the names of their passages; undefined when the passages do not hold the answer. */
export function answerQuestion(question: string, passages: readonly ReaderPassage[]): string | undefined {
  const scored = scoreStatements(question, passages);
  const best = scored.reduce<ScoredStatement | undefined>((top, next) => (top === undefined || next.score > top.score ? next : top), undefined);
  if (best === undefined || best.coverage < MIN_COVERAGE) return undefined;
  const chosen = scored
    .filter((statement) => statement.score >= best.score * NEAR_BEST && statement.coverage >= MIN_COVERAGE)
    .sort((left, right) => right.score - left.score)
    .slice(0, MAX_STATEMENTS);
  const followed = [...withList(best, scored), ...withFigure(question, best, scored)];
  const distinct = [...new Map([...chosen, ...followed].map((statement) => [statement.text, statement])).values()];
  return quote(distinct.sort((left, right) => left.passage - right.passage || left.position - right.position));
}

/** A sentence that ends with a colon says nothing without the items below it. */
function withList(best: ScoredStatement, scored: readonly ScoredStatement[]): ScoredStatement[] {
  if (!/[:：]$/.test(best.text)) return [];
  return scored.filter((statement) => statement.passage === best.passage && statement.position > best.position).slice(0, 6);
}

/** "How much": where the best sentence has no figure, the one after it may. */
function withFigure(question: string, best: ScoredStatement, scored: readonly ScoredStatement[]): ScoredStatement[] {
  if (!ASKS_NUMBER.test(question) || /\d/.test(best.text)) return [];
  const next = scored.find((statement) => statement.passage === best.passage && statement.position === best.position + 1);
  return next !== undefined && /\d/.test(next.text) ? [next] : [];
}

/** Statements of one passage together, then its name: `… [guide.md § Installing]`. */
function quote(statements: readonly ScoredStatement[]): string {
  const parts: string[] = [];
  statements.forEach((statement, index) => {
    parts.push(/[.!?:;。！？]$/.test(statement.text) ? statement.text : `${statement.text}.`);
    if (statements[index + 1]?.citation !== statement.citation) parts.push(`[${statement.citation}]`);
  });
  const text = parts.join(' ');
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS - 200).trimEnd()} … [${statements.at(-1)?.citation}]`;
}

/** The first statements of the passages, for a request that names no subject: "read this page". */
export function summarize(passages: readonly ReaderPassage[]): string | undefined {
  const first = passages[0];
  if (first === undefined) return undefined;
  const statements = scoreStatements(`${first.heading} ${first.text.slice(0, 500)}`, [first]).slice(0, MAX_STATEMENTS);
  return statements.length === 0 ? undefined : quote(statements);
}
