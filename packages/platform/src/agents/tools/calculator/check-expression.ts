import { PlatformError } from '@maru/api/errors';

const NAMES = new Set(Object.getOwnPropertyNames(Math).filter((name) => name !== 'random'));
const TOKEN = /\s*(?:(\d+(?:_\d+)*(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|(Math\s*\.\s*)?([A-Za-z_]\w*)|(\*\*|[-+*/%(),^×÷]))/y;

/** An expression as JavaScript with only numbers, operators and names of Math; throws `invalid_request` at anything else. */
export function checkExpression(expression: string): string {
  const parts: string[] = [];
  const text = expression.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw wrong(`"${text.slice(at, at + 20)}" at position ${at + 1} is not arithmetic`);
    const [, number, , name, operator] = match;
    if (name !== undefined && !NAMES.has(name)) throw wrong(`"${name}" is not a function or constant of Math`);
    if (number !== undefined) parts.push(number.replaceAll('_', ''));
    else if (name !== undefined) parts.push(`Math.${name}`);
    else if (operator !== undefined) parts.push(OPERATORS[operator] ?? operator);
  }
  if (parts.length === 0) throw wrong('it is empty');
  return parts.join(' ');
}

const OPERATORS: Readonly<Record<string, string>> = Object.freeze({ '^': '**', '×': '*', '÷': '/' });

const wrong = (why: string): PlatformError => new PlatformError('invalid_request', { message: `the expression can not be calculated: ${why}` });
