import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSystemClock } from '#time';
import type { ToolContext } from '../tool.ts';
import { createCalculatorTool } from './calculator-tool.ts';
import { checkExpression } from './check-expression.ts';
import { evaluateInSandbox } from './evaluate-in-sandbox.ts';

const clock = createSystemClock();
const tool = createCalculatorTool({ type: 'calculator', name: 'calculate' }, clock);
const calculate = async (expression: string): Promise<unknown> =>
  (JSON.parse((await tool.call({ expression }, {} as ToolContext)).content) as { result: unknown }).result;
const LIMITS = { timeMs: 200, memoryPages: 256 };

describe('the calculator', () => {
  it('knows arithmetic and the functions of Math', async () => {
    expect(await calculate('2 + 3 * 4')).toBe('14');
    expect(await calculate('(1.5e3 - 500) / 4 % 7')).toBe('5');
    expect(await calculate('2 ^ 10 + 2 ** 3')).toBe('1032');
    expect(await calculate('round(sqrt(2) * 1000) / 1000')).toBe('1.414');
    expect(await calculate('Math.max(1, 2, PI)')).toBe(String(Math.PI));
    expect(await calculate('1_000_000 × 3 ÷ 2')).toBe('1500000');
    expect(await calculate('1 / 0')).toBe('Infinity');
  });

  it('agrees with JavaScript on sums and products', async () => {
    const number = fc.integer({ min: -1_000, max: 1_000 });
    await fc.assert(
      fc.asyncProperty(number, number, number, async (a, b, c) => {
        expect(await calculate(`(${a}) * (${b}) + (${c})`)).toBe(String(a * b + c === 0 ? 0 : a * b + c));
      }),
      { numRuns: 10 },
    );
  });

  it('says what is not arithmetic, and where', async () => {
    await expect(calculate('2 + cat')).rejects.toThrow('"cat" is not a function or constant of Math');
    await expect(calculate('2 + "a"')).rejects.toThrow('position 4');
    await expect(calculate('2 +')).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(calculate('   ')).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(calculate('2 2')).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('lets nothing through that could reach for more than numbers', () => {
    for (const attack of [
      'process.exit()',
      'globalThis',
      'constructor',
      'Math.constructor',
      'sqrt.constructor("return 1")()',
      'this',
      'import("fs")',
      '(() => 1)()',
      '[1][0]',
      '`a`',
      'x = 1',
      '1; 2',
      'Math["sqrt"]',
      'random()',
      '__proto__',
    ])
      expect(() => checkExpression(attack), attack).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('only ever lets numbers, operators and names of Math through', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (text) => {
        let checked: string;
        try {
          checked = checkExpression(text);
        } catch {
          return;
        }
        expect(checked).toMatch(/^(?:\d[\d.eE+-]*|\.\d[\d.eE+-]*|Math\.\w+|\*\*|[-+*/%(),]|\s)+$/);
      }),
    );
  });
});

describe('the sandbox', () => {
  it('has no way to the host', async () => {
    expect(await evaluateInSandbox('[typeof process, typeof require, typeof fetch, typeof console, typeof setTimeout].join()', LIMITS, clock)).toBe(
      'undefined,undefined,undefined,undefined,undefined',
    );
  });

  it('stops code that does not end', async () => {
    await expect(evaluateInSandbox('for(;;){}', { ...LIMITS, timeMs: 50 }, clock)).rejects.toMatchObject({
      code: 'sandbox_limit',
      message: 'the code ran for more than 50 ms',
    });
  });

  it('stops code that does not end though the clock stands still', async () => {
    await expect(evaluateInSandbox('for(;;){}', LIMITS, { monotonicMs: () => 0 })).rejects.toMatchObject({ code: 'sandbox_limit' });
  });

  it('stops code that wants too much memory, in strings and in buffers', async () => {
    for (const code of ['let s="x"; for(;;) s+=s;', 'const all=[]; for(;;) all.push(new Uint8Array(1e6));'])
      await expect(evaluateInSandbox(code, { timeMs: 5_000, memoryPages: 256 }, clock), code).rejects.toMatchObject({ code: 'sandbox_limit' });
  });

  it('stops code that calls itself without end', async () => {
    await expect(evaluateInSandbox('(function f(){ return f() })()', LIMITS, clock)).rejects.toMatchObject({ code: 'sandbox_limit' });
  });

  it('works again after code was stopped', async () => {
    await expect(evaluateInSandbox('for(;;){}', { ...LIMITS, timeMs: 20 }, clock)).rejects.toMatchObject({ code: 'sandbox_limit' });

    expect(await evaluateInSandbox('1+1', LIMITS, clock)).toBe('2');
  });

  it('says what is wrong with code that throws', async () => {
    await expect(evaluateInSandbox('nope()', LIMITS, clock)).rejects.toThrow(/nope/);
  });
});
