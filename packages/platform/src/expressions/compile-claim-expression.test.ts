import { describe, expect, it } from 'vitest';
import { claimExpressionProblem, compileClaimExpression } from './compile-claim-expression.ts';

const claims = {
  sub: 'u-1',
  groups: ['staff', 'ml'],
  'https://acme.example/team': 'search',
  org: { unit: { name: 'lab' } },
  level: 7,
  email_verified: true,
  nothing: null,
};
const read = (source: string): unknown => compileClaimExpression(source).read(claims);

describe('an expression over claims', () => {
  it.each([
    ['claims.sub', 'u-1'],
    ['claims["https://acme.example/team"]', 'search'],
    ['claims.org.unit.name', 'lab'],
    ['claims.groups[1]', 'ml'],
    ['claims.groups', ['staff', 'ml']],
    ['claims.groups.exists(group, group == "ml") ? "ml-team" : "others"', 'ml-team'],
    ['has(claims.team) ? claims.team : "guests"', 'guests'],
    ['claims.level > 5.0', true],
    ['"fixed"', 'fixed'],
    ['claims.email_verified == true', true],
  ])('gives %s', (source, value) => {
    expect(read(source)).toEqual(value);
  });

  it.each(['claims.team', 'claims.org.unit.name.first', 'claims.groups[9]', 'claims.nothing', 'claims.level + "x"'])(
    'gives nothing where %s has no value',
    (source) => {
      expect(read(source)).toBeUndefined();
    },
  );

  it.each([
    ['claims.', 'is not valid'],
    ['headers["x"]', 'headers'],
    ['request.tenant', 'request'],
    ['claims.sub +', 'is not valid'],
  ])('is refused when it reads %s', (source, part) => {
    expect(claimExpressionProblem(source)).toContain(part);
    expect(() => compileClaimExpression(source)).toThrow(expect.objectContaining({ code: 'resource_invalid' }) as Error);
  });
});
