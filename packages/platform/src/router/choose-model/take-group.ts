import type { RouteBackend, RouteCondition } from '@maru/api/resources';
import { conditionHolds } from './conditions.ts';
import { bestMatch, comparePrecision, type Precision } from './http-match.ts';
import type { RouteFacts } from './route-facts.ts';

/**
 * The backends that may answer: of those whose conditions hold, the one with the most precise match leads, of equal ones the first; it
 * brings those with the same conditions along.
 */
export function takeGroup(backends: readonly RouteBackend[], facts: RouteFacts): readonly RouteBackend[] {
  let leader: RouteBackend | undefined;
  let best: Precision | undefined;
  for (const backend of backends) {
    if (backend.weight === 0) continue;
    if (leader !== undefined && backend.when?.matches === undefined && best !== undefined) continue;
    if (!conditionHolds(backend.when, facts)) continue;
    const precision = bestMatch(backend.when?.matches, facts);
    if (precision === undefined || (best !== undefined && comparePrecision(precision, best) <= 0)) continue;
    leader = backend;
    best = precision;
  }
  if (leader === undefined) return [];
  if (backends.length === 1) return backends;
  const condition = keyOf(leader.when);
  return backends.filter((backend) => backend.weight !== 0 && keyOf(backend.when) === condition);
}

const keys = new WeakMap<RouteCondition, string>();

/** The conditions as text, made once. */
function keyOf(when: RouteCondition | undefined): string {
  if (when === undefined) return '{}';
  const known = keys.get(when);
  if (known !== undefined) return known;
  const key = JSON.stringify(when);
  keys.set(when, key);
  return key;
}
