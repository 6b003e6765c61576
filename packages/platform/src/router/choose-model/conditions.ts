import type { RouteSpec } from '@maru/api/resources';
import type { RouteFacts } from './route-facts.ts';

export type RouteCondition = NonNullable<RouteSpec['backends'][number]['when']>;

/** Whether all conditions hold; an absent one holds always. */
export function conditionHolds(when: RouteCondition | undefined, facts: RouteFacts): boolean {
  if (when === undefined) return true;
  if (when.maxPromptTokens !== undefined && facts.prompt.promptTokens >= when.maxPromptTokens) return false;
  if (when.minPromptTokens !== undefined && facts.prompt.promptTokens < when.minPromptTokens) return false;
  if (when.tools !== undefined && facts.prompt.tools !== when.tools) return false;
  if (when.tenants !== undefined && !when.tenants.includes(facts.tenant ?? '')) return false;
  if (when.headers !== undefined && !headersHold(when.headers, facts.headers ?? {})) return false;
  // Last, because it looks at the text.
  return when.complexity === undefined || when.complexity.includes(facts.prompt.complexity());
}

const headersHold = (wanted: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([name, value]) => headers[name.toLowerCase()] === value);

/** The conditions that held, in words. */
export function describeCondition(when: RouteCondition | undefined, facts: RouteFacts): string {
  if (when === undefined) return 'default';
  const parts = [
    ...(when.maxPromptTokens === undefined ? [] : [`prompt of ${facts.prompt.promptTokens} tokens, below ${when.maxPromptTokens}`]),
    ...(when.minPromptTokens === undefined ? [] : [`prompt of ${facts.prompt.promptTokens} tokens, at least ${when.minPromptTokens}`]),
    ...(when.complexity === undefined ? [] : [facts.prompt.complexity()]),
    ...(when.tools === undefined ? [] : [when.tools ? 'with tools' : 'without tools']),
    ...(when.tenants === undefined ? [] : [`tenant ${facts.tenant ?? ''}`]),
    ...(when.headers === undefined ? [] : [`header ${Object.keys(when.headers).join(', ')}`]),
  ];
  return parts.length === 0 ? 'default' : parts.join(', ');
}
