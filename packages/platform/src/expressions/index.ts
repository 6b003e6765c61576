export { type ClaimExpression, claimExpressionProblem, compileClaimExpression } from './compile-claim-expression.ts';
export { compileExpression, type Expression, type ExpressionFacts, expressionProblem } from './compile-expression.ts';
export { compilePattern, type Pattern, patternProblem } from './compile-pattern.ts';
