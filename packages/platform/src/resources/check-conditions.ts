import type { HttpMatch, Resource, RouteCondition, RouteGuardrail, TokenIssuerSpec } from '@maru/api/resources';
import { claimExpressionProblem, expressionProblem, patternProblem } from '#expressions';

export interface ConditionProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Expressions and patterns of a resource that do not compile: they are refused when they are applied, not when a request comes. */
export function conditionProblems(resource: Resource): readonly ConditionProblem[] {
  if (resource.kind === 'Tenant') return guardrailProblems(resource.spec.guardrails);
  if (resource.kind === 'TokenIssuer') return claimProblems(resource.spec);
  if (resource.kind !== 'Route') return [];
  const { backends, canary, guardrails } = resource.spec;
  return [
    ...backends.flatMap((backend, index) => problemsOf(backend.when, ['spec', 'backends', index, 'when'])),
    ...problemsOf(canary?.when, ['spec', 'canary', 'when']),
    ...guardrailProblems(guardrails),
  ];
}

const guardrailProblems = (guardrails: readonly RouteGuardrail[]): ConditionProblem[] =>
  guardrails.flatMap((guardrail, index) => (guardrail.type === 'deny' ? denyProblems(guardrail.patterns, ['spec', 'guardrails', index, 'patterns']) : []));

function claimProblems({ condition, map }: TokenIssuerSpec): readonly ConditionProblem[] {
  const all = [[['spec', 'condition'], condition] as const, ...Object.entries(map).map(([name, source]) => [['spec', 'map', name], source] as const)];
  return all.flatMap(([path, source]) => {
    const message = source === undefined ? undefined : claimExpressionProblem(source);
    return message === undefined ? [] : [{ path, message: `the expression ${message}` }];
  });
}

const denyProblems = (patterns: readonly string[], path: readonly (string | number)[]): ConditionProblem[] =>
  patterns.flatMap((pattern, index) => {
    const message = patternProblem(pattern);
    return message === undefined ? [] : [{ path: [...path, index], message }];
  });

function problemsOf(when: RouteCondition | undefined, path: readonly (string | number)[]): ConditionProblem[] {
  if (when === undefined) return [];
  const problems: ConditionProblem[] = [];
  const message = when.expression === undefined ? undefined : expressionProblem(when.expression);
  if (message !== undefined) problems.push({ path: [...path, 'expression'], message: `the expression ${message}` });
  for (const [index, match] of (when.matches ?? []).entries()) problems.push(...matchProblems(match, [...path, 'matches', index]));
  return problems;
}

function matchProblems(match: HttpMatch, path: readonly (string | number)[]): ConditionProblem[] {
  const values = [
    { entry: match.path, at: ['path', 'value'] },
    ...(match.headers ?? []).map((entry, index) => ({ entry, at: ['headers', index, 'value'] })),
    ...(match.queryParams ?? []).map((entry, index) => ({ entry, at: ['queryParams', index, 'value'] })),
  ];
  return values.flatMap(({ entry, at }) => {
    const message = entry?.type === 'RegularExpression' ? patternProblem(entry.value) : undefined;
    return message === undefined ? [] : [{ path: [...path, ...at], message }];
  });
}
