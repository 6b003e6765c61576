import { describe, expect, it } from 'vitest';
import { checkSet } from './check-set.ts';
import { parseResources } from './parse-resources.ts';
import { formatProblem } from './problem.ts';

const MODEL = `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: { name: small }
spec: { serving: { engine: twin } }
---
`;
const route = (when: string): string => `${MODEL}apiVersion: maru.dev/v1alpha1
kind: Route
metadata:
  name: assistant
spec:
  backends:
    - model: small
      when:
${when}`;
const problemsOf = (text: string): string[] => checkSet(parseResources(text, { file: 'route.yaml' }).resources).map(formatProblem);

describe('conditions of a route', () => {
  it('are checked with file and line when they are applied', () => {
    expect(problemsOf(route('        expression: request.tokns > 5\n'))).toEqual([
      'route.yaml:14:9: spec.backends[0].when.expression: the expression is not valid: No such key: tokns (character 9)',
    ]);
  });

  it('name the pattern that is not one', () => {
    const text = route('        matches:\n          - headers:\n              - { type: RegularExpression, name: x-team, value: "(a" }\n');

    expect(problemsOf(text)).toMatchObject([
      expect.stringMatching(/^route.yaml:16:\d+: spec.backends\[0\].when.matches\[0\].headers\[0\].value: .* is not valid/),
    ]);
  });

  it('pass when they are right', () => {
    expect(problemsOf(route('        expression: headers["x-plan"] == "pro" && request.promptTokens < 500\n'))).toEqual([]);
  });
});

describe('guardrails of a route', () => {
  it('name the pattern that is not one', () => {
    const text = `${MODEL}apiVersion: maru.dev/v1alpha1
kind: Route
metadata: { name: assistant }
spec:
  backends: [{ model: small }]
  guardrails:
    - name: words
      type: deny
      at: [before]
      patterns: ['[a-z]+', '(a)\\1']
`;

    expect(problemsOf(text)).toEqual([expect.stringContaining('spec.guardrails[0].patterns[1]: the pattern "(a)\\\\1" is not valid')]);
  });
});
