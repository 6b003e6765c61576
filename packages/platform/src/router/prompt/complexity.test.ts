import { describe, expect, it } from 'vitest';
import { type Complexity, complexityOf } from './complexity.ts';

const classOf = (text: string, more: Partial<Parameters<typeof complexityOf>[0]> = {}): Complexity =>
  complexityOf({ promptTokens: Math.ceil(Buffer.byteLength(text) / 4), turns: 1, tools: false, images: false, text, ...more });

describe('complexity', () => {
  it.each([
    'Hi',
    'What is the capital of France?',
    'Translate "good morning" into German.',
    'How do I list models?',
    'Who wrote Hamlet, and when?',
    '안녕하세요',
    '프랑스의 수도는 어디인가요?',
    '모델 목록은 어떻게 보나요?',
    '오늘 날씨를 한 문장으로 알려줘.',
  ])('is simple: %s', (text) => {
    expect(classOf(text)).toBe('simple');
  });

  it.each([
    'Why does a prefix cache help, and how does it compare with speculative decoding?',
    'Compare PostgreSQL and SQLite for a ledger and analyze the risks.',
    'Fix this:\n```js\nconst x = [1,2,3].map(parseInt);\n```',
    'SQLite와 PostgreSQL의 장단점을 비교해 줘.',
    '왜 프리픽스 캐시가 도움이 되는지 단계별로 설명해 줘.',
  ])('is moderate: %s', (text) => {
    expect(classOf(text)).toBe('moderate');
  });

  it.each([
    `Design a multi-region ledger. Compare the trade-offs, prove that no charge is lost, and give a step-by-step plan.
1. Storage
2. Replication
3. Recovery
\`\`\`sql
SELECT * FROM charges;
\`\`\``,
    `다음 코드를 분석하고 최적화 전략을 설계해 줘. 원인과 근거를 자세히 설명해.
\`\`\`python
def f(x):
    return sum(i * i for i in range(x))
\`\`\``,
  ])('is complex: %s', (text) => {
    expect(classOf(text)).toBe('complex');
  });

  it('is complex for a very long prompt, whatever it says', () => {
    expect(classOf('Hi', { promptTokens: 8192 })).toBe('complex');
    expect(classOf('Hi', { promptTokens: 8191 })).not.toBe('complex');
  });

  it('rises with tools, images, turns and length, and never falls', () => {
    const rank = { simple: 0, moderate: 1, complex: 2 };
    const base = rank[classOf('Compare these two.')];
    for (const more of [
      { tools: true },
      { images: true },
      { turns: 20 },
      { promptTokens: 5000 },
      { tools: true, images: true, turns: 20, promptTokens: 5000 },
    ]) {
      expect(rank[classOf('Compare these two.', more)]).toBeGreaterThanOrEqual(base);
    }
    expect(classOf('Compare these two.', { tools: true, images: true, turns: 20 })).toBe('complex');
  });

  it('takes any text in a short time, also one that is made to hurt a pattern', () => {
    for (const text of ['', '?'.repeat(1e6), '```'.repeat(1e5), `function ${'a'.repeat(1e5)}`, '- '.repeat(1e5), '\n'.repeat(1e5), '\ud800'.repeat(1000)]) {
      expect(['simple', 'moderate', 'complex']).toContain(classOf(text, { promptTokens: 10 }));
    }
  });
});
