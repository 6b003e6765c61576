import type { GuardrailPorts } from '../ports.ts';
import type { Verdict, WholeText } from '../rule.ts';

export interface TopicSpec {
  readonly embedding: string;
  readonly deny: readonly string[];
  readonly allow: readonly string[];
  readonly threshold: number;
}

/** What is embedded of a text. */
const MAX_CHARS = 4000;
/** Of the texts of a conversation the last ones say what it is about now. */
const MAX_TEXTS = 4;

/** Compares what is said with examples. Throws what the embedder throws. */
export function askTopic(spec: TopicSpec, ports: GuardrailPorts): (text: WholeText, signal: AbortSignal) => Promise<Verdict> {
  let examples: Promise<{ deny: Float32Array[]; allow: Float32Array[] }> | undefined;
  const embedAll = (texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> =>
    Promise.all(texts.map((text) => ports.embedder(spec.embedding).embed(text.slice(0, MAX_CHARS), signal)));
  const load = async (signal: AbortSignal): Promise<{ deny: Float32Array[]; allow: Float32Array[] }> => ({
    deny: await embedAll(spec.deny, signal),
    allow: await embedAll(spec.allow, signal),
  });

  return async ({ texts }, signal) => {
    const spoken = texts.filter((text) => text.trim() !== '').slice(-MAX_TEXTS);
    if (spoken.length === 0) return { kinds: [] };
    examples ??= load(signal);
    const known = await examples.catch((error: unknown) => {
      // The next request tries again.
      examples = undefined;
      throw error;
    });
    const vectors = await embedAll(spoken, signal);
    const near = (vector: Float32Array, list: readonly Float32Array[]): boolean => list.some((example) => cosine(vector, example) >= spec.threshold);
    if (vectors.some((vector) => near(vector, known.deny))) return { kinds: ['denied-topic'] };
    const last = vectors.at(-1);
    return known.allow.length > 0 && last !== undefined && !near(last, known.allow) ? { kinds: ['off-topic'] } : { kinds: [] };
  };
}

function cosine(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) sum += (left[index] ?? 0) * (right[index] ?? 0);
  return sum;
}
