export const VERDICTS = ['COMPLETE', 'CONTINUE', 'RETRY'] as const;
type Verdict = (typeof VERDICTS)[number];

export const EVALUATE_PROMPT = [
  'Judge whether the work so far answers the last question of the user.',
  'Reply with one word first: COMPLETE when it does, CONTINUE when steps of the plan are left to do, RETRY when the last step went wrong.',
  'After the word give the reason in one sentence.',
].join(' ');

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
}

/**
 * The verdict out of an evaluator's reply: a word at its beginning, or a JSON object with `verdict`.
 * A reply that can not be read counts as COMPLETE, so that a small model ends instead of going round.
 */
export function parseVerdict(reply: string): Judgement {
  return fromJson(reply) ?? fromWord(reply) ?? { verdict: 'COMPLETE', reason: '' };
}

function fromWord(reply: string): Judgement | undefined {
  const match = /^[\s*_"'`#]*(COMPLETE|CONTINUE|RETRY)\b[\s*_"'`:.,–—-]*([\s\S]*)$/i.exec(reply);
  const verdict = VERDICTS.find((word) => word === match?.[1]?.toUpperCase());
  const reason = match?.[2]?.trim() ?? '';
  // A reply that names other verdicts too repeats the question instead of answering it.
  if (verdict === undefined || VERDICTS.some((word) => word !== verdict && new RegExp(`\\b${word}\\b`).test(reason))) return undefined;
  return { verdict, reason: reason.slice(0, 2_000) };
}

function fromJson(reply: string): Judgement | undefined {
  const body = /\{[\s\S]*\}/.exec(reply)?.[0];
  if (body === undefined) return undefined;
  try {
    const value = JSON.parse(body) as { verdict?: unknown; reason?: unknown };
    const verdict = VERDICTS.find((word) => typeof value.verdict === 'string' && word === value.verdict.toUpperCase());
    if (verdict === undefined) return undefined;
    return { verdict, reason: typeof value.reason === 'string' ? value.reason.slice(0, 2_000) : '' };
  } catch {
    return undefined;
  }
}
