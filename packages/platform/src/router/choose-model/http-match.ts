import type { HttpMatch } from '@maru/api/resources';
import { compilePattern } from '#expressions';
import type { RouteFacts } from './route-facts.ts';

/** How precise a match is, as the Gateway API ranks them; the higher one wins, from left to right. */
export type Precision = readonly [exactPath: number, pathLength: number, method: number, headers: number, queryParams: number];

const NOTHING: Precision = [0, 0, 0, 0, 0];

/** The precision of the most precise match that holds; undefined when none does. Without matches, everything holds and nothing is precise. */
export function bestMatch(matches: readonly HttpMatch[] | undefined, facts: RouteFacts): Precision | undefined {
  if (matches === undefined) return NOTHING;
  let best: Precision | undefined;
  for (const match of matches) {
    if (!matchHolds(match, facts)) continue;
    const precision = precisionOf(match);
    if (best === undefined || comparePrecision(precision, best) > 0) best = precision;
  }
  return best;
}

/** Above 0 when the left one is more precise. */
export function comparePrecision(left: Precision, right: Precision): number {
  for (let rank = 0; rank < left.length; rank += 1) {
    const difference = (left[rank] ?? 0) - (right[rank] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function matchHolds(match: HttpMatch, facts: RouteFacts): boolean {
  if (match.path !== undefined && !pathHolds(match.path, facts.path ?? '/')) return false;
  if (match.method !== undefined && match.method !== (facts.method ?? 'POST')) return false;
  if (match.headers?.every((header) => valueHolds(header, facts.headers?.[header.name.toLowerCase()])) === false) return false;
  if (match.queryParams === undefined) return true;
  const query = new URLSearchParams(facts.query ?? '');
  return match.queryParams.every((param) => valueHolds(param, query.get(param.name) ?? undefined));
}

function pathHolds({ type, value }: NonNullable<HttpMatch['path']>, path: string): boolean {
  if (type === 'Exact') return path === value;
  if (type === 'RegularExpression') return compilePattern(value).matches(path);
  // A prefix ends at a slash: /v1/chat holds for /v1/chat/completions, not for /v1/chatter.
  const prefix = value.endsWith('/') ? value.slice(0, -1) : value;
  return path === prefix || path.startsWith(`${prefix}/`);
}

const valueHolds = ({ type, value }: { readonly type: 'Exact' | 'RegularExpression'; readonly value: string }, found: string | undefined): boolean =>
  found !== undefined && (type === 'Exact' ? found === value : compilePattern(value).matches(found));

function precisionOf(match: HttpMatch): Precision {
  const { path } = match;
  const length = path === undefined || path.type === 'RegularExpression' ? 0 : path.value.length;
  return [path?.type === 'Exact' ? 1 : 0, length, match.method === undefined ? 0 : 1, match.headers?.length ?? 0, match.queryParams?.length ?? 0];
}
