import type { TokenLogprob } from '../canonical/answer.ts';
import { asList, asNumber, asString, isObject, type JsonObject } from '../json-value.ts';
import { camelObject } from './camel-keys.ts';

/** `logprobsResult` of a candidate; undefined when there is none. */
export function readGeminiLogprobs(value: unknown): readonly TokenLogprob[] | undefined {
  if (!isObject(value)) return undefined;
  const result = camelObject(value);
  const chosen = asList(result['chosenCandidates']).map(readOne);
  const alternatives = asList(result['topCandidates']).map((entry) => asList(camelObject(entry)['candidates']).map(readOne));
  if (chosen.length === 0) return undefined;
  return chosen.map((one, index) => {
    const top = alternatives[index] ?? [];
    return top.length === 0 ? one : { ...one, top };
  });
}

function readOne(value: unknown): { readonly token: string; readonly logprob: number } {
  const entry = camelObject(value);
  return { token: asString(entry['token']) ?? '', logprob: asNumber(entry['logProbability']) ?? 0 };
}

const toOne = ({ token, logprob }: Pick<TokenLogprob, 'token' | 'logprob'>): JsonObject => ({ token, logProbability: logprob });

export const toGeminiLogprobs = (logprobs: readonly TokenLogprob[]): JsonObject => ({
  chosenCandidates: logprobs.map(toOne),
  topCandidates: logprobs.map(({ top = [] }) => ({ candidates: top.map(toOne) })),
});
