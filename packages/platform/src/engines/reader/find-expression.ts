const CALCULATION_WORD = /\b(?:calculate|compute|evaluate|calculator)\b|계산/i;
const ASKING_WORD = /\bwhat(?:'s| is)\b|\bhow much is\b|=|얼마|몇/i;
const NUMBER = String.raw`\(*-?\d[\d,]*(?:\.\d+)?%?\)*`;
const OPERATOR = String.raw`\s*(?:\*\*|[-+*/^×÷%]|\bx\b)\s*`;
const EXPRESSION = new RegExp(`${NUMBER}(?:${OPERATOR}${NUMBER})+`, 'i');
const FUNCTION = /\b(?:sqrt|log|log2|log10|sin|cos|tan|abs|round|floor|ceil|pow|min|max|exp)\([\d\s.,+\-*/()]*\)/i;

/**
 * The arithmetic expression of a question, in the signs of a calculator; undefined where there is none. `24/7`, `2026-11-21` and `1-2`
 * are expressions only beside a word such as "calculate" or "how much is".
 */
export function findExpression(question: string): string | undefined {
  const text = inSigns(question.replace(/https?:\/\/\S+/g, ' '));
  const found = FUNCTION.exec(text)?.[0] ?? EXPRESSION.exec(text)?.[0];
  if (found === undefined) return undefined;
  const asked = CALCULATION_WORD.test(question);
  const tight = /^[\d.,]+(?:[-/][\d.,]+)+$/.test(found);
  const alone = text.trim().replace(/[=?\s]+$/, '') === found.trim();
  if (tight && !asked && !alone && !ASKING_WORD.test(question)) return undefined;
  if (/^\d{4}-\d{1,2}(-\d{1,2})?$/.test(found) && !asked) return undefined;
  return balance(
    found
      .trim()
      .replace(/(?<=\d),(?=\d{3})/g, '')
      .replace(/×|\bx\b/gi, '*')
      .replace(/÷/g, '/')
      .replace(/\^/g, '**')
      .replace(/(\d+(?:\.\d+)?)%(?!\s*\d)/g, '($1/100)'),
  );
}

/** "3 times 4", "15% of 80", "3 곱하기 4" with signs in place of words. */
function inSigns(text: string): string {
  return text
    .replace(/(?<=\d)\s*%\s+of\s+(?=\d)/gi, '% * ')
    .replace(/(?<=[\d)])\s+(?:times|multiplied by)\s+(?=[\d(])/gi, ' * ')
    .replace(/(?<=[\d)])\s+divided by\s+(?=[\d(])/gi, ' / ')
    .replace(/(?<=[\d)])\s+plus\s+(?=[\d(])/gi, ' + ')
    .replace(/(?<=[\d)])\s+minus\s+(?=[\d(])/gi, ' - ')
    .replace(/(?<=[\d)])\s*(?:곱하기)\s*(?=[\d(])/g, ' * ')
    .replace(/(?<=[\d)])\s*(?:나누기)\s*(?=[\d(])/g, ' / ')
    .replace(/(?<=[\d)])\s*(?:더하기)\s*(?=[\d(])/g, ' + ')
    .replace(/(?<=[\d)])\s*(?:빼기)\s*(?=[\d(])/g, ' - ');
}

/** Brackets of the sentence around the expression are left out. */
function balance(expression: string): string {
  const opened = expression.split('(').length - 1;
  const closed = expression.split(')').length - 1;
  if (opened > closed) return expression.replace(new RegExp(`^\\({${opened - closed}}`), '');
  return closed > opened ? expression.replace(new RegExp(`\\){${closed - opened}}$`), '') : expression;
}
