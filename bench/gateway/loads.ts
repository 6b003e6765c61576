import type { LoadRequest } from '../harness/closed-load.ts';

/** One kind of traffic, and how well Maru is to do on it. */
export interface Load {
  readonly name: string;
  readonly path: string;
  readonly body: string;
  /** In each round. */
  readonly requests: number;
  /** Before the first round, until V8 has compiled what this load needs. */
  readonly warmUp: number;
  /** Most CPU per request, as a multiple of a bare proxy; the bars of docs/benchmarks.md. */
  readonly bar: { readonly times: number; readonly of: 'rewrite' | 'pipe' };
  /** Least advantage over other gateways, where there is such a bar. */
  readonly better?: Readonly<Record<string, number>>;
}

const TEXT = 'Summarise the following report for a reader in a hurry. "Quoted" words\nand new lines stand in it, too. ';

const bodyOf = (model: string, bytes: number, more: object = {}): string =>
  JSON.stringify({
    model,
    messages: [
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: TEXT.repeat(Math.ceil(bytes / TEXT.length)).slice(0, bytes) },
    ],
    temperature: 0.2,
    max_tokens: 256,
    ...more,
  });

const path = '/v1/chat/completions';

export const LOADS: readonly Load[] = [
  {
    name: '1 KB, plain',
    path,
    body: bodyOf('auto', 820),
    requests: 4000,
    warmUp: 40_000,
    bar: { times: 2.2, of: 'rewrite' },
    better: { Portkey: 8, LiteLLM: 60 },
  },
  { name: 'Stream of 60 chunks', path, body: bodyOf('auto', 820, { stream: true }), requests: 1000, warmUp: 8000, bar: { times: 1.6, of: 'rewrite' } },
  { name: '400 KB prompt', path, body: bodyOf('auto', 400_000), requests: 250, warmUp: 1000, bar: { times: 1.5, of: 'pipe' } },
  { name: '1 KB, OpenAI to Anthropic', path, body: bodyOf('claude', 820), requests: 3000, warmUp: 20_000, bar: { times: 3.5, of: 'rewrite' } },
];

export const requestOf = (load: Load, headers: Readonly<Record<string, string>>): LoadRequest => ({ path: load.path, headers, body: load.body });
