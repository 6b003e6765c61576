import { createRandom } from '#time';
import { WORDS } from './words.ts';

/** What a word costs with the tokenizer of the model, learned from its own counts. */
export interface Tokenizing {
  readonly tokensPerWord: number;
  /** Tokens of the template around a prompt. */
  readonly overheadTokens: number;
}

export interface PromptPlan {
  readonly tokens: number;
  readonly seed: number;
  /** Tokens at the beginning that depend on nothing but `sharedSeed`. */
  readonly sharedTokens: number;
  readonly sharedSeed: number;
}

/** `count` words that depend on the seed alone. */
export function makeWords(count: number, seed: number): string {
  const random = createRandom(seed);
  return Array.from({ length: Math.max(0, count) }, () => WORDS[Math.floor(random() * WORDS.length)] ?? '').join(' ');
}

/** A prompt of about `tokens` tokens whose text is told by the seeds: prompts of two seeds have only the shared beginning in common. */
export function makePrompt(plan: PromptPlan, tokenizing: Tokenizing): string {
  const words = wordsFor(plan.tokens - tokenizing.overheadTokens, tokenizing);
  const shared = Math.min(words, plan.sharedTokens === 0 ? 0 : wordsFor(plan.sharedTokens, tokenizing));
  return joined([makeWords(shared, plan.sharedSeed), makeWords(words - shared, plan.seed)]);
}

/** The prompt of a request of a trace: equal block ids give equal text, and the last block is cut to the length. */
export function makeTracePrompt(
  request: { readonly inputTokens: number; readonly blocks: readonly number[]; readonly blockTokens: number; readonly seed: number },
  tokenizing: Tokenizing,
): string {
  const words = wordsFor(request.inputTokens - tokenizing.overheadTokens, tokenizing);
  const perBlock = wordsFor(request.blockTokens, tokenizing);
  const parts: string[] = [];
  let left = words;
  for (const block of request.blocks) {
    if (left <= 0) break;
    const take = Math.min(left, perBlock);
    parts.push(makeWords(take, block + 1));
    left -= take;
  }
  return joined([...parts, makeWords(left, request.seed)]);
}

const wordsFor = (tokens: number, tokenizing: Tokenizing): number => Math.max(1, Math.round(tokens / tokenizing.tokensPerWord));
const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');
