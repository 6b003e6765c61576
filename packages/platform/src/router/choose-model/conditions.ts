import type { RouteCondition } from '@maru/api/resources';
import { compileExpression, type ExpressionFacts } from '#expressions';
import { bestMatch } from './http-match.ts';
import { metadataOf, type RouteFacts } from './route-facts.ts';

/** Whether all conditions hold; an absent one holds always. What costs more is looked at later. */
export function conditionHolds(when: RouteCondition | undefined, facts: RouteFacts): boolean {
  if (when === undefined) return true;
  if (when.maxPromptTokens !== undefined && facts.prompt.promptTokens >= when.maxPromptTokens) return false;
  if (when.minPromptTokens !== undefined && facts.prompt.promptTokens < when.minPromptTokens) return false;
  if (when.tools !== undefined && facts.prompt.tools !== when.tools) return false;
  if (when.images !== undefined && facts.prompt.images !== when.images) return false;
  if (when.stream !== undefined && (facts.stream ?? false) !== when.stream) return false;
  if (when.tenants !== undefined && !when.tenants.includes(facts.tenant ?? '')) return false;
  if (when.headers !== undefined && !headersHold(when.headers, facts.headers ?? {})) return false;
  if (when.claims !== undefined && !Object.entries(when.claims).every(([name, value]) => claimHolds(facts.claims?.[name], value))) return false;
  if (when.matches !== undefined && bestMatch(when.matches, facts) === undefined) return false;
  if (when.metadata !== undefined && !metadataHolds(when.metadata, facts)) return false;
  if (when.expression !== undefined && !compileExpression(when.expression).holds(expressionFacts(facts, when.expression))) return false;
  if (when.difficulty !== undefined && !difficultyHolds(when.difficulty, facts.prompt.difficulty())) return false;
  return when.complexity === undefined || when.complexity.includes(facts.prompt.complexity());
}

const headersHold = (wanted: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([name, value]) => headers[name.toLowerCase()] === value);

function claimHolds(claim: unknown, wanted: string): boolean {
  if (Array.isArray(claim)) return claim.some((entry) => claimHolds(entry, wanted));
  return (typeof claim === 'string' || typeof claim === 'number' || typeof claim === 'boolean') && String(claim) === wanted;
}

function metadataHolds(wanted: Readonly<Record<string, string>>, facts: RouteFacts): boolean {
  const metadata = metadataOf(facts);
  return Object.entries(wanted).every(([name, value]) => Object.hasOwn(metadata, name) && String(metadata[name]) === value);
}

const difficultyHolds = (bounds: { readonly min?: number | undefined; readonly max?: number | undefined }, difficulty: number): boolean =>
  difficulty >= (bounds.min ?? 0) && (bounds.max === undefined || difficulty < bounds.max);

function expressionFacts(facts: RouteFacts, expression: string): ExpressionFacts {
  const { prompt } = facts;
  return {
    request: {
      id: facts.requestId,
      model: facts.target ?? '',
      operation: facts.operation ?? 'chat',
      path: facts.path ?? '',
      method: facts.method ?? 'POST',
      tenant: facts.tenant ?? '',
      user: facts.user ?? '',
      key: facts.key ?? '',
      session: facts.session ?? '',
      stream: facts.stream ?? false,
      tools: prompt.tools,
      images: prompt.images,
      promptTokens: prompt.promptTokens,
      maxTokens: prompt.maxTokens ?? 0,
      // Only where it is named, because it looks at the text.
      difficulty: expression.includes('difficulty') ? prompt.difficulty() : 0,
    },
    headers: facts.headers ?? {},
    tags: facts.tags ?? [],
    claims: facts.claims ?? {},
    metadata: () => metadataOf(facts),
    body: () => facts.body?.() ?? {},
  };
}

/** The conditions that held, in words; values of headers and claims are left out. */
export function describeCondition(when: RouteCondition | undefined, facts: RouteFacts): string {
  if (when === undefined) return 'default';
  const names = (label: string, fields: Readonly<Record<string, unknown>> | undefined): string[] =>
    fields === undefined ? [] : [`${label} ${Object.keys(fields).join(', ')}`];
  const parts = [
    ...(when.maxPromptTokens === undefined ? [] : [`prompt of ${facts.prompt.promptTokens} tokens, below ${when.maxPromptTokens}`]),
    ...(when.minPromptTokens === undefined ? [] : [`prompt of ${facts.prompt.promptTokens} tokens, at least ${when.minPromptTokens}`]),
    ...(when.complexity === undefined ? [] : [facts.prompt.complexity()]),
    ...(when.difficulty === undefined ? [] : [`difficulty ${facts.prompt.difficulty().toFixed(2)}`]),
    ...(when.tools === undefined ? [] : [when.tools ? 'with tools' : 'without tools']),
    ...(when.images === undefined ? [] : [when.images ? 'with images' : 'without images']),
    ...(when.stream === undefined ? [] : [when.stream ? 'streamed' : 'not streamed']),
    ...(when.tenants === undefined ? [] : [`tenant ${facts.tenant ?? ''}`]),
    ...names('header', when.headers),
    ...names('metadata', when.metadata),
    ...names('claim', when.claims),
    ...(when.matches === undefined ? [] : ['a match of the request']),
    ...(when.expression === undefined ? [] : [`expression ${when.expression.slice(0, 80)}`]),
  ];
  return parts.length === 0 ? 'default' : parts.join(', ');
}
