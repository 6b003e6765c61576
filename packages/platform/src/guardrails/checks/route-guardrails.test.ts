import { routeKind } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';

const problems = (...guardrails: object[]): string[] => {
  const parsed = routeKind.spec.safeParse({ backends: [{ model: 'm' }], guardrails });
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};

describe('guardrails of a Route', () => {
  it.each([
    [{ name: 'g', type: 'pii', at: ['before'] }],
    [{ name: 'g', type: 'secrets', at: ['during'], kinds: ['jwt'] }],
    [{ name: 'g', type: 'json-schema', schema: {} }],
    [{ name: 'g', type: 'webhook', at: ['after'], url: 'https://x.example.com', action: 'mask' }],
  ])('may be %j', (guardrail) => {
    expect(problems(guardrail)).toEqual([]);
  });

  it.each([
    [{ name: 'g', type: 'pii', at: ['before'], kinds: ['jwt'] }, 'guardrails.0.kinds: "pii" does not know "jwt"'],
    [{ name: 'g', type: 'secrets', at: ['before'], kinds: ['email'] }, 'guardrails.0.kinds: "secrets" does not know "email"'],
    [{ name: 'g', type: 'injection', at: ['before'], action: 'mask' }, 'guardrails.0.action: "injection" does not know "mask" here; use block, flag'],
    [{ name: 'g', type: 'length', at: ['during'], maxChars: 5 }, 'guardrails.0.at: "length" does not know "during" here; use before, after'],
    [{ name: 'g', type: 'json-schema', at: ['before'], schema: {} }, 'guardrails.0.at: "json-schema" does not know "before"'],
    [{ name: 'g', type: 'json-schema', schema: { properties: { a: { type: 'string', pattern: '(a+)+$' } } } }, 'a guardrail can not use "pattern"'],
    [{ name: 'g', type: 'deny', at: ['before'] }, 'give at least one phrase or pattern'],
    [{ name: 'g', type: 'topic', at: ['before'], embedding: 'e' }, 'give examples to deny or to allow'],
    [{ name: 'g', type: 'webhook', at: ['before'], url: 'file:///etc/passwd' }, 'guardrails.0.url'],
    [{ name: 'g', type: 'magic', at: ['before'] }, 'guardrails.0.type'],
  ])('may not be %j', (guardrail, message) => {
    expect(problems(guardrail).join('\n')).toContain(message);
  });

  it('have names of their own', () => {
    const guardrail = { name: 'g', type: 'pii', at: ['before'] };

    expect(problems(guardrail, guardrail).join()).toContain('names of guardrails must be different');
  });
});

describe('the cache of a Route', () => {
  it('needs a Model to search by meaning', () => {
    const semantic = (more: object) => routeKind.spec.safeParse({ backends: [{ model: 'm' }], cache: { mode: 'semantic', ...more } }).success;

    expect([semantic({}), semantic({ embedding: 'e' })]).toEqual([false, true]);
  });
});
