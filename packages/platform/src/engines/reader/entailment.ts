import type { ReaderPassage } from './reader-passage.ts';
import { splitStatements } from './split-statements.ts';
import { termsOf } from './terms.ts';

const MIN_SHARE = 0.7;
const NEGATION = /\b(?:not|no|never|none|cannot|can't|without|n't)\b|않|없|못|아니/i;

/**
 * Whether the passages say a statement, by words only: one passage holds at least seven of ten of its terms and all of its figures, and the
 * nearest sentence agrees in negation. Says nothing about what words mean.
 */
export function isSupported(statement: string, passages: readonly ReaderPassage[]): boolean {
  const claim = statement.replace(/\[[^\]]{1,200}\]/g, ' ');
  const terms = [...termsOf(claim)];
  if (terms.length === 0) return false;
  const figures = claim.match(/\d+(?:[.,]\d+)*/g) ?? [];
  return passages.some((passage) => {
    const held = termsOf(`${passage.heading} ${passage.text}`);
    const share = terms.filter((term) => held.has(term)).length / terms.length;
    if (share < MIN_SHARE || figures.some((figure) => !passage.text.includes(figure))) return false;
    return NEGATION.test(claim) === NEGATION.test(nearest(terms, passage));
  });
}

function nearest(terms: readonly string[], passage: ReaderPassage): string {
  let best = { text: passage.text, shared: -1 };
  for (const { text } of splitStatements(passage.text)) {
    const held = termsOf(text);
    const shared = terms.filter((term) => held.has(term)).length;
    if (shared > best.shared) best = { text, shared };
  }
  return best.text;
}
