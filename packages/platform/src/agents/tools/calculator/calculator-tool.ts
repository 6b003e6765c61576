import { z } from 'zod';
import type { Clock } from '#time';
import type { Tool, ToolSpec } from '../tool.ts';
import { checkExpression } from './check-expression.ts';
import { evaluateInSandbox } from './evaluate-in-sandbox.ts';

const argumentsSchema = z.strictObject({
  expression: z.string().min(1).max(1_000).describe('Arithmetic, for example "sqrt(2) * (3 + 4) ** 2 / 5 % 7".'),
});

/** Arithmetic in a sandbox without any way out; time and memory have limits. */
export function createCalculatorTool(spec: ToolSpec<'calculator'>, clock: Clock): Tool {
  return {
    name: spec.name,
    description:
      'Calculates an arithmetic expression with + - * / % ** ( ) and the functions and constants of Math, such as sqrt, log, sin, round, min, max, PI.',
    parameters: z.toJSONSchema(argumentsSchema),
    idempotent: true,
    async call(args) {
      const { expression } = argumentsSchema.parse(args);
      const result = await evaluateInSandbox(checkExpression(expression), { timeMs: 200, memoryPages: 256 }, clock);
      return { content: JSON.stringify({ expression, result }) };
    },
  };
}
