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
export const promptFacts = (input: PromptInput): PromptFacts => new LazyFacts(input);

/** The same facts, judged by other weights. */
export const withClassifier = (facts: PromptFacts, classifier: Classifier): PromptFacts => new JudgedFacts(facts, classifier);

class LazyFacts implements PromptFacts {
  readonly promptTokens: number;
  readonly maxTokens: number | undefined;
  readonly tools: boolean;
  readonly images: boolean;
  readonly blockTokens = BLOCK_TOKENS;
  readonly #input: PromptInput;
  #features: PromptFeatures | undefined;
  #hashes: Float64Array | undefined;
  #difficulty: number | undefined;

  constructor(input: PromptInput) {
    this.promptTokens = input.promptTokens ?? Math.ceil(input.promptBytes.length / BYTES_PER_TOKEN);
    this.maxTokens = input.maxTokens;
    this.tools = input.tools ?? false;
    this.images = input.images ?? false;
    this.#input = input;
  }

  features(): PromptFeatures | undefined {
    if (this.promptTokens >= ALWAYS_COMPLEX_TOKENS) return undefined;
    const { promptTokens, tools, images } = this;
    this.#features ??= promptFeatures({ promptTokens, tools, images, ...conversationOf(this.#input.value()) });
    return this.#features;
  }

  difficulty(): number {
    this.#difficulty ??= judge(this.features(), builtInClassifier());
    return this.#difficulty;
  }

  complexity(): Complexity {
    return complexityOf(this.difficulty(), builtInClassifier());
  }

  blockHashes(): ArrayLike<number> {
    this.#hashes ??= blockHashes(this.#input.promptBytes);
    return this.#hashes;
  }

  prefixKey(): number {
    const head = this.blockHashes();
    return head[Math.min(KEY_BLOCKS, head.length) - 1] ?? hashBytes(this.#input.promptBytes);
  }
}

class JudgedFacts implements PromptFacts {
  readonly promptTokens: number;
  readonly maxTokens: number | undefined;
  readonly tools: boolean;
  readonly images: boolean;
  readonly blockTokens: number;
  readonly #facts: PromptFacts;
  readonly #classifier: Classifier;
  #difficulty: number | undefined;

  constructor(facts: PromptFacts, classifier: Classifier) {
    this.promptTokens = facts.promptTokens;
    this.maxTokens = facts.maxTokens;
    this.tools = facts.tools;
    this.images = facts.images;
    this.blockTokens = facts.blockTokens;
    this.#facts = facts;
    this.#classifier = classifier;
  }

  features(): PromptFeatures | undefined {
    return this.#facts.features();
  }

  difficulty(): number {
    this.#difficulty ??= judge(this.features(), this.#classifier);
    return this.#difficulty;
  }

  complexity(): Complexity {
    return complexityOf(this.difficulty(), this.#classifier);
  }

  blockHashes(): ArrayLike<number> {
    return this.#facts.blockHashes();
  }

  prefixKey(): number {
    return this.#facts.prefixKey();
  }
}

const judge = (features: PromptFeatures | undefined, classifier: Classifier): number => (features === undefined ? 1 : difficultyOf(features, classifier));

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
