/** Longer questions are not compared by their meaning. */
const MAX_QUESTION_CHARS = 8000;
const MARK = '\u0000question';

type Body = Readonly<Record<string, unknown>>;

/** Separates the last question of a person from everything around it, in the formats of OpenAI (chat, completions, responses) and Anthropic. */
export function takeQuestion(body: Body): { readonly question: string; readonly rest: Body } | undefined {
  for (const field of ['messages', 'input', 'prompt'] as const) {
    const value = body[field];
    if (value === undefined) continue;
    const taken = typeof value === 'string' ? { question: value, rest: MARK } : field === 'prompt' ? undefined : fromTurns(value);
    if (taken === undefined) return undefined;
    const question = taken.question.trim();
    return question === '' || question.length > MAX_QUESTION_CHARS ? undefined : { question, rest: { ...body, [field]: taken.rest } };
  }
  return undefined;
}

function fromTurns(turns: unknown): { question: string; rest: unknown } | undefined {
  if (!Array.isArray(turns)) return undefined;
  const last = turns.at(-1) as unknown;
  if (!isObject(last) || last['role'] !== 'user') return undefined;
  const question = textOf(last['content']);
  return question === undefined ? undefined : { question, rest: [...(turns as unknown[]).slice(0, -1), { ...last, content: MARK }] };
}

/** Text alone: what carries pictures or tool results has a meaning that text does not tell. */
function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const texts: string[] = [];
  for (const part of content as unknown[]) {
    if (!isObject(part) || typeof part['text'] !== 'string' || (part['type'] !== 'text' && part['type'] !== 'input_text')) return undefined;
    texts.push(part['text']);
  }
  return texts.length === 0 ? undefined : texts.join('\n');
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
