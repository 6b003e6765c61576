import type { Call } from '../call.ts';

export interface BegunRequest {
  /** The beginning of the answer. */
  readonly given: string;
  /** Tokens of it that were made. */
  readonly usedTokens: number;
}

/** Names of the limit of an answer, in all formats that are continued. */
const LIMITS = ['max_completion_tokens', 'max_output_tokens', 'max_tokens'] as const;

/** The client's request with the beginning of its answer as the last turn, and what is left of its limit; undefined where nothing is left. */
export function beginRequest({ request, door }: Pick<Call, 'request' | 'door'>, { given, usedTokens }: BegunRequest): Buffer | undefined {
  const value: Record<string, unknown> = { ...request.value() };
  for (const name of LIMITS) {
    const limit = value[name];
    if (typeof limit !== 'number') continue;
    if (limit <= usedTokens) return undefined;
    value[name] = limit - usedTokens;
  }
  if (door.format === 'openai-responses') value['input'] = [...itemsOf(value['input']), assistantItem(given)];
  else value['messages'] = [...(value['messages'] as readonly unknown[]), { role: 'assistant', content: given }];
  return Buffer.from(JSON.stringify(value));
}

const itemsOf = (input: unknown): readonly unknown[] => (Array.isArray(input) ? input : [{ role: 'user', content: input }]);

const assistantItem = (text: string): object => ({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] });
