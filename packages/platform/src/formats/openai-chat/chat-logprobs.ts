import type { TokenLogprob } from '../canonical/answer.ts';
import { asList, asNumber, asObject, asString, type JsonObject } from '../json-value.ts';

/** `logprobs.content` of a choice, also of the Responses API; undefined when there is none. */
export function readLogprobs(value: unknown): readonly TokenLogprob[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.map((entry) => {
    const top = asList(asObject(entry)['top_logprobs']).map(readOne);
    return { ...readOne(entry), ...(top.length === 0 ? {} : { top }) };
  });
}

/** The list as OpenAI writes it. */
export const toLogprobs = (logprobs: readonly TokenLogprob[]): readonly JsonObject[] =>
  logprobs.map((entry) => ({ ...toOne(entry), top_logprobs: (entry.top ?? []).map(toOne) }));

type One = Omit<TokenLogprob, 'top'>;

function readOne(value: unknown): One {
  const entry = asObject(value);
  const bytes = entry['bytes'];
  return {
    token: asString(entry['token']) ?? '',
    logprob: asNumber(entry['logprob']) ?? 0,
    ...(Array.isArray(bytes) ? { bytes: bytes.filter((byte): byte is number => typeof byte === 'number') } : {}),
  };
}

const toOne = ({ token, logprob, bytes }: One): JsonObject => ({ token, logprob, bytes: bytes ?? null });
