import { isPlatformError } from '@maru/api/errors';
import { type FieldRange, parseJson, scanObject } from '#http';
import { type PromptFacts, promptFacts } from '#router';

/** What a body says that matters for the choice of an endpoint. */
export interface ReadPrompt {
  /** Empty where the body names none. */
  readonly model: string;
  readonly facts: PromptFacts;
  /** Bytes of the raw JSON of the prompt. */
  readonly promptBytes: number;
  /** Whether its tokens can be asked for: a chat or a completion in the format of OpenAI. */
  readonly operation: 'chat' | 'completions' | undefined;
  value(): Readonly<Record<string, unknown>>;
}

const PROMPT_FIELDS = ['messages', 'prompt', 'input', 'contents'];
const MAX_TOKENS_FIELDS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'];
const NOTHING: ReadonlyMap<string, FieldRange> = new Map();

/**
 * Reads a request body without building it. A body that is not a JSON object gives the facts of an empty prompt: the engine knows best
 * what to answer to it. Never throws.
 */
export function readPrompt(path: string, bytes: Buffer): ReadPrompt {
  const fields = scan(bytes);
  const name = PROMPT_FIELDS.find((field) => fields.has(field));
  const range = name === undefined ? undefined : fields.get(name);
  const promptBytes = range === undefined ? bytes.subarray(0, 0) : bytes.subarray(range.start, range.end);
  let parsed: Readonly<Record<string, unknown>> | undefined;
  const value = (): Readonly<Record<string, unknown>> => {
    parsed ??= fields.size === 0 ? {} : (parseJson(bytes) as Readonly<Record<string, unknown>>);
    return parsed;
  };
  const scalar = (field: string): unknown => {
    const at = fields.get(field);
    return at === undefined ? undefined : readScalar(bytes, at);
  };
  const model = scalar('model');
  const maxTokens = MAX_TOKENS_FIELDS.map(scalar).find((found) => typeof found === 'number' && Number.isSafeInteger(found) && found >= 0);
  return {
    model: typeof model === 'string' ? model : '',
    promptBytes: promptBytes.length,
    operation:
      path.endsWith('/chat/completions') && name === 'messages' ? 'chat' : path.endsWith('/completions') && name === 'prompt' ? 'completions' : undefined,
    facts: promptFacts({ promptBytes, maxTokens: maxTokens as number | undefined, tools: fields.has('tools'), value }),
    value,
  };
}

function scan(bytes: Buffer): ReadonlyMap<string, FieldRange> {
  if (bytes.length === 0) return NOTHING;
  try {
    return scanObject(bytes);
  } catch (error) {
    if (isPlatformError(error, 'invalid_json')) return NOTHING;
    throw error;
  }
}

/** Longest name of a model. */
const MAX_SCALAR_BYTES = 1024;

/** A text or a number; the scan has not looked inside of it. */
function readScalar(bytes: Buffer, { start, end }: FieldRange): unknown {
  const first = bytes[start];
  if (end - start > MAX_SCALAR_BYTES || first === 0x7b || first === 0x5b) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8', start, end)) as unknown;
  } catch {
    return undefined;
  }
}
