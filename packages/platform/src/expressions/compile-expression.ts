import { createRequire } from 'node:module';
import { PlatformError } from '@maru/api/errors';
import { describeProblem } from './describe-problem.ts';

/** What an expression may look at. Maps that cost something are functions, called only where the expression names them. */
export interface ExpressionFacts {
  readonly request: Readonly<Record<RequestField, string | number | boolean>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
  metadata(): Readonly<Record<string, unknown>>;
  body(): Readonly<Record<string, unknown>>;
}

const REQUEST = {
  id: 'string',
  model: 'string',
  operation: 'string',
  path: 'string',
  method: 'string',
  tenant: 'string',
  user: 'string',
  key: 'string',
  session: 'string',
  stream: 'bool',
  tools: 'bool',
  images: 'bool',
  promptTokens: 'double',
  maxTokens: 'double',
  difficulty: 'double',
} as const;
type RequestField = keyof typeof REQUEST;

/** A condition that was compiled. */
export interface Expression {
  /** False also when the expression fails, for example on a key that is absent. */
  holds(facts: ExpressionFacts): boolean;
}

const MAX_KEPT = 1024;
const kept = new Map<string, Expression>();

type Cel = typeof import('@marcbachmann/cel-js');
let environment: InstanceType<Cel['Environment']> | undefined;

/** Compiles a CEL condition, once per text; throws `resource_invalid` with what is wrong and where in the text. */
export function compileExpression(source: string): Expression {
  const known = kept.get(source);
  if (known !== undefined) return known;
  const problem = expressionProblem(source);
  if (problem !== undefined) throw new PlatformError('resource_invalid', { message: `the expression ${JSON.stringify(source)} ${problem}` });
  const parsed = environmentOf().parse(source);
  const reads = { metadata: source.includes('metadata'), body: source.includes('body') };
  const compiled: Expression = {
    holds: (facts) => {
      try {
        return parsed({ ...facts, metadata: reads.metadata ? facts.metadata() : {}, body: reads.body ? facts.body() : {} }) === true;
      } catch {
        return false;
      }
    },
  };
  kept.set(source, compiled);
  if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value ?? '');
  return compiled;
}

/** What is wrong with a condition: its grammar, an unknown variable, a type, or that it gives no truth value; undefined when nothing is. */
export function expressionProblem(source: string): string | undefined {
  const checked = environmentOf().check(source);
  if (!checked.valid) return `is not valid: ${describeProblem(checked.error)}`;
  return checked.type === 'bool' || checked.type === 'dyn' ? undefined : `gives a value of type ${checked.type}; a condition gives true or false`;
}

function environmentOf(): InstanceType<Cel['Environment']> {
  if (environment !== undefined) return environment;
  // Required at the first expression: most platforms have none, and a condition is asked for in the middle of a decision.
  const { Environment } = createRequire(import.meta.url)('@marcbachmann/cel-js') as Cel;
  environment = new Environment({ limits: { maxAstNodes: 1000, maxDepth: 64, maxListElements: 256, maxMapEntries: 64, maxCallArguments: 8 } })
    .registerVariable({ name: 'request', schema: { ...REQUEST } })
    .registerVariable('headers', 'map<string, string>')
    .registerVariable('metadata', 'map<string, dyn>')
    .registerVariable('body', 'map<string, dyn>')
    .registerVariable('claims', 'map<string, dyn>')
    .registerVariable('tags', 'list<string>');
  return environment;
}
