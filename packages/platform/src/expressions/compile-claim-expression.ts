import { createRequire } from 'node:module';
import { PlatformError } from '@maru/api/errors';
import { describeProblem } from './describe-problem.ts';

/** A CEL expression over the claims of a token. */
export interface ClaimExpression {
  /** Undefined when it gives nothing, or fails, for example on a claim that is absent. */
  read(claims: Readonly<Record<string, unknown>>): unknown;
}

const MAX_KEPT = 1024;
const kept = new Map<string, ClaimExpression>();

type Cel = typeof import('@marcbachmann/cel-js');
let environment: InstanceType<Cel['Environment']> | undefined;

/** Compiles an expression, once per text; throws `resource_invalid` with what is wrong. */
export function compileClaimExpression(source: string): ClaimExpression {
  const known = kept.get(source);
  if (known !== undefined) return known;
  const problem = claimExpressionProblem(source);
  if (problem !== undefined) throw new PlatformError('resource_invalid', { message: `the expression ${JSON.stringify(source)} ${problem}` });
  const parsed = environmentOf().parse(source);
  const compiled: ClaimExpression = {
    read: (claims) => {
      try {
        return (parsed({ claims }) as unknown) ?? undefined;
      } catch {
        return undefined;
      }
    },
  };
  kept.set(source, compiled);
  if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value ?? '');
  return compiled;
}

/** What is wrong with an expression; undefined when nothing is. */
export function claimExpressionProblem(source: string): string | undefined {
  const checked = environmentOf().check(source);
  return checked.valid ? undefined : `is not valid: ${describeProblem(checked.error)}`;
}

function environmentOf(): InstanceType<Cel['Environment']> {
  if (environment !== undefined) return environment;
  // Required at the first expression: most platforms have none.
  const { Environment } = createRequire(import.meta.url)('@marcbachmann/cel-js') as Cel;
  environment = new Environment({ limits: { maxAstNodes: 1000, maxDepth: 64, maxListElements: 256, maxMapEntries: 64, maxCallArguments: 8 } }).registerVariable(
    'claims',
    'map<string, dyn>',
  );
  return environment;
}
