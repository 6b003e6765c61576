import { describe, expect, it } from 'vitest';
import { compileExpression, type ExpressionFacts, expressionProblem } from './compile-expression.ts';
import { compilePattern, patternProblem } from './compile-pattern.ts';

const facts: ExpressionFacts = {
  request: {
    id: 'r1',
    model: 'assistant',
    operation: 'chat',
    path: '/v1/chat/completions',
    method: 'POST',
    tenant: 'default',
    user: 'kim',
    key: 'k1',
    session: '',
    stream: true,
    tools: false,
    images: false,
    promptTokens: 900,
    maxTokens: 0,
    difficulty: 0.4,
  },
  headers: { 'x-plan': 'pro' },
  tags: ['batch'],
  claims: { groups: ['staff', 'ml'], iss: 'https://id.example' },
  metadata: () => ({ team: 'search' }),
  body: () => ({ temperature: 0.7, response_format: { type: 'json_object' } }),
};
const holds = (source: string): boolean => compileExpression(source).holds(facts);

describe('an expression', () => {
  it.each([
    ['headers["x-plan"] == "pro"', true],
    ['headers["x-plan"] == "free"', false],
    ['request.promptTokens < 1000.0 && request.stream', true],
    ['request.promptTokens > 1000', false],
    ['"batch" in tags', true],
    ['"ml" in claims.groups && claims.iss.startsWith("https://")', true],
    ['metadata.team == "search"', true],
    ['body.temperature > 0.5', true],
    ['has(body.response_format) && body.response_format.type == "json_object"', true],
    ['has(body.tools)', false],
    ['request.user.matches("^k.*")', true],
  ])('looks at headers, claims, metadata, tags and the body: %s', (source, expected) => {
    expect(holds(source)).toBe(expected);
  });

  it('does not hold when it fails', () => {
    expect(holds('headers["x-absent"] == "pro"')).toBe(false);
    expect(holds('body.absent.deep == 1')).toBe(false);
  });

  it('reads the body only where it is named', () => {
    const silent = { ...facts, body: () => expect.fail('the body was read'), metadata: () => expect.fail('the metadata was read') };

    expect(compileExpression('request.stream').holds(silent)).toBe(true);
  });

  it('is compiled once', () => {
    expect(compileExpression('request.tools')).toBe(compileExpression('request.tools'));
  });

  it.each([
    ['request.tokns > 1', /No such key: tokns \(character \d+\)/],
    ['headrs["a"] == "b"', /Unknown variable: headrs/],
    ['request.stream == ', /is not valid/],
    ['request.promptTokens', /type double; a condition gives true or false/],
    ['request.stream + 1 == 2', /is not valid/],
  ])('says what is wrong before it is used: %s', (source, message) => {
    expect(expressionProblem(source)).toMatch(message);
    expect(() => compileExpression(source)).toThrow(expect.objectContaining({ code: 'resource_invalid' }));
  });

  it('is refused when it is too large', () => {
    expect(expressionProblem(Array.from({ length: 2000 }, () => 'request.stream').join(' && '))).toMatch(/not valid/);
  });
});

describe('a pattern', () => {
  it('must fit the whole text', () => {
    expect(compilePattern('v[12]').matches('v1')).toBe(true);
    expect(compilePattern('v[12]').matches('v12')).toBe(false);
  });

  it('says what is wrong with it', () => {
    expect(patternProblem('(a')).toMatch(/is not valid/);
    expect(patternProblem('a(?=b)')).toMatch(/is not valid/);
    expect(patternProblem('a+')).toBeUndefined();
  });

  it('is linear: a text that would hold a backtracking engine for ages is answered at once', () => {
    expect(compilePattern('(a+)+b').matches('a'.repeat(5000))).toBe(false);
  });
});
