import type { Route } from '@maru/api/resources';
import type { RequestFacts } from '#gateway';
import type { Registry } from '#resources';
import { findRoute } from './wildcards.ts';

/** The Route that a call asked for, by its name or one of its aliases; undefined where it asked for a model or an agent. */
export function routeOfCall(registry: Registry, facts: Pick<RequestFacts, 'target'>): Route | undefined {
  if (facts.target.kind !== 'route') return undefined;
  return findRoute(registry, facts.target.name);
}
