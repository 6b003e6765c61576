import { createKeyedIds, ID_BYTES } from './keyed-ids.ts';

/** Bytes of a prompt that one mark stands for; about 512 tokens. */
export const MARK_BYTES = 2048;
const NAME = 'promptMarks';
/** A value of this length is kept while content capture is off. */
const MARKS_PER_ATTRIBUTE = 24;
const MAX_MARKS = 256;
const HASH_BYTES = 8;
const MARK_CHARACTERS = (ID_BYTES * 8) / 6;

/** What is needed of a prompt to tell which others begin as it does. */
interface MarkedPrompt {
  /** Bytes of the prompt that each of the hashes covers more than the one before. */
  readonly hashBytes: number;
  readonly promptBytes: number;
  /** Chained hashes; asked for only when the prompt is long enough. */
  hashes(): ArrayLike<number>;
}

/**
 * Marks of a prompt as attributes of a span: one per {@link MARK_BYTES} bytes, equal where prompts are equal up to there. They
 * are keyed: without the key of the installation nobody can try whether a text that he guesses was sent. Nothing for a short prompt.
 */
export type MarkPrompt = (prompt: MarkedPrompt) => Readonly<Record<string, string>>;

const NOTHING = Object.freeze({});

/** Marks under the key of an installation; the same key gives the same marks in every process. */
export function createPromptMarks(masterKey: string): MarkPrompt {
  const idsOf = createKeyedIds(masterKey, 'maru prompt marks');
  return (prompt) => {
    if (prompt.promptBytes < MARK_BYTES) return NOTHING;
    const every = Math.round(MARK_BYTES / prompt.hashBytes);
    const hashes = prompt.hashes();
    const count = Math.min(MAX_MARKS, Math.floor(hashes.length / every));
    const values = new DataView(new ArrayBuffer(count * HASH_BYTES));
    for (let index = 0; index < count; index += 1) values.setFloat64(index * HASH_BYTES, hashes[(index + 1) * every - 1] ?? 0);
    return toAttributes(idsOf(new Uint8Array(values.buffer), HASH_BYTES).toString('base64url'));
  };
}

function toAttributes(text: string): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = {};
  const step = MARKS_PER_ATTRIBUTE * MARK_CHARACTERS;
  for (let from = 0; from < text.length; from += step) attributes[`${NAME}${from / step}`] = text.slice(from, from + step);
  return attributes;
}

/** The marks that stand in the attributes of a span, so many bytes each; empty where there are none. */
export function readPromptMarks(attributes: Readonly<Record<string, unknown>>): Buffer {
  let text = '';
  for (let number = 0; ; number += 1) {
    const value = attributes[`${NAME}${number}`];
    if (typeof value !== 'string') break;
    text += value;
  }
  const bytes = Buffer.from(text, 'base64url');
  return bytes.subarray(0, Math.min(MAX_MARKS, Math.floor(bytes.length / ID_BYTES)) * ID_BYTES);
}
