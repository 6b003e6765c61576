import type { RouteSpec } from '@maru/api/resources';
import { hashText } from '../prompt/block-hashes.ts';
import { conditionHolds } from './conditions.ts';
import type { RouteFacts } from './route-facts.ts';

/** Why a request goes to the canary; undefined when it does not. The same session or user always falls on the same side. */
export function canaryReason(route: { readonly name: string; readonly spec: RouteSpec }, facts: RouteFacts): string | undefined {
  const { canary } = route.spec;
  if (canary === undefined) return undefined;
  if (canary.when !== undefined && conditionHolds(canary.when, facts)) return 'canary, asked for';
  if (canary.percent <= 0) return undefined;
  const key = canary.sticky === 'session' ? (facts.session ?? facts.user) : canary.sticky === 'user' ? facts.user : undefined;
  const share = (hashText(`${route.name}/canary/${key ?? facts.requestId}`) / 0x1_0000_0000) * 100;
  return share < canary.percent ? `canary, ${canary.percent}% of the requests` : undefined;
}
