import { BLOCK_TOKENS, blockHashes, hashBytes } from './block-hashes.ts';
import { conversationOf } from './conversation.ts';
import { builtInClassifier, type Classifier, type Complexity, complexityOf, difficultyOf } from './difficulty/classifier.ts';
import { type PromptFeatures, promptFeatures } from './difficulty/prompt-features.ts';

const BYTES_PER_TOKEN = 4;
const KEY_BLOCKS = 8;
/** Prompts of this many tokens are complex whatever they say, so their text is not looked at. */
const ALWAYS_COMPLEX_TOKENS = 8192;

/** What a surface knows of a request. */
export interface PromptInput {
  /** The raw JSON of `messages` or `prompt`: equal prompts have equal beginnings. */
  readonly promptBytes: Uint8Array;
  /** Estimate of the caller; one per four bytes where absent. */
  readonly promptTokens?: number;
  readonly maxTokens?: number | undefined;
  readonly tools?: boolean;
  readonly images?: boolean;
  /** The parsed body; called at most once, and only where a decision needs the text. */
  value(): unknown;
}

/** Facts about a prompt; what is costly is computed at the first call. */
export interface PromptFacts {
  readonly promptTokens: number;
  readonly maxTokens: number | undefined;
  readonly tools: boolean;
  readonly images: boolean;
  /** Tokens per entry of `blockHashes`. */
  readonly blockTokens: number;
  /** What a classifier looks at; empty for a prompt so long that its text is not read. */
  features(): PromptFeatures | undefined;
  /** How probably only a strong model answers it well, from 0 to 1. */
  difficulty(): number;
  complexity(): Complexity;
  /** Chained hashes of the full blocks, see {@link blockHashes}. */
  blockHashes(): ArrayLike<number>;
  /** One number for the beginning of the prompt (512 tokens, or all of a shorter one). */
  prefixKey(): number;
}

/** Facts of a request; costs nothing until something is asked. */
export function promptFacts(input: PromptInput): PromptFacts {
  const promptTokens = input.promptTokens ?? Math.ceil(input.promptBytes.length / BYTES_PER_TOKEN);
  let features: PromptFeatures | undefined;
  let hashes: Float64Array | undefined;
  const allHashes = (): Float64Array => {
    hashes ??= blockHashes(input.promptBytes);
    return hashes;
  };
  const readFeatures = (): PromptFeatures | undefined => {
    if (promptTokens >= ALWAYS_COMPLEX_TOKENS) return undefined;
    features ??= promptFeatures({ promptTokens, tools: input.tools ?? false, images: input.images ?? false, ...conversationOf(input.value()) });
    return features;
  };
  return {
    promptTokens,
    maxTokens: input.maxTokens,
    tools: input.tools ?? false,
    images: input.images ?? false,
    blockTokens: BLOCK_TOKENS,
    blockHashes: allHashes,
    features: readFeatures,
    ...judgedBy(builtInClassifier, readFeatures),
    prefixKey: () => {
      const head = allHashes();
      return head[Math.min(KEY_BLOCKS, head.length) - 1] ?? hashBytes(input.promptBytes);
    },
  };
}

/** The same facts, judged by other weights. */
export const withClassifier = (facts: PromptFacts, classifier: Classifier): PromptFacts => ({
  ...facts,
  ...judgedBy(
    () => classifier,
    () => facts.features(),
  ),
});

/** Difficulty and class, computed at the first call. */
function judgedBy(classifier: () => Classifier, features: () => PromptFeatures | undefined): Pick<PromptFacts, 'difficulty' | 'complexity'> {
  let known: number | undefined;
  const difficulty = (): number => {
    if (known === undefined) {
      const found = features();
      known = found === undefined ? 1 : difficultyOf(found, classifier());
    }
    return known;
  };
  return { difficulty, complexity: () => complexityOf(difficulty(), classifier()) };
}

/** Facts of a whole body in the format of OpenAI that is parsed already. */
export function promptFactsOf(body: Readonly<Record<string, unknown>>): PromptFacts {
  const prompt = body['messages'] ?? body['prompt'] ?? '';
  const maxTokens = body['max_completion_tokens'] ?? body['max_tokens'];
  return promptFacts({
    promptBytes: Buffer.from(JSON.stringify(prompt)),
    maxTokens: typeof maxTokens === 'number' ? maxTokens : undefined,
    tools: Array.isArray(body['tools']) && body['tools'].length > 0,
    images: JSON.stringify(prompt).includes('"image_url"'),
    value: () => body,
  });
}
