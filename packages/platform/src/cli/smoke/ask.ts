import { decisionListSchema } from '@maru/api/wire';
import { z } from 'zod';
import type { ClientConfig } from '#config';
import type { Clock } from '#time';
import type { ApiClient } from '../client.ts';

const answerSchema = z.looseObject({
  choices: z.array(z.looseObject({ message: z.looseObject({ content: z.string().nullish() }).nullish() })).nullish(),
  usage: z
    .looseObject({ prompt_tokens: z.number().nullish(), prompt_tokens_details: z.looseObject({ cached_tokens: z.number().nullish() }).nullish() })
    .nullish(),
});

/** One answer and its way. */
export interface Asked {
  readonly status: number;
  readonly text: string;
  /** Who answered; undefined where nobody says. */
  readonly endpoint: string | undefined;
  readonly tookMs: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  /** Where the prompt was computed, and why there; undefined where one replica does all. */
  readonly prefill: { readonly endpoint?: string | undefined; readonly reason: string } | undefined;
}

export interface Asker {
  chat(content: string, more?: Readonly<Record<string, unknown>>): Promise<Asked>;
}

export interface AskerOptions {
  readonly model: string;
  readonly server: ClientConfig;
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Longest time of one answer. */
const TIMEOUT_MS = 120_000;

/** Asks one model of a running platform. An answer with an error status is an answer; throws only when nobody answers. */
export function createAsker({ model, server, client, clock, signal }: AskerOptions): Asker {
  return {
    async chat(content, more = {}) {
      const beganMs = clock.monotonicMs();
      const timeout = new AbortController();
      const timer = clock.schedule(TIMEOUT_MS, () => timeout.abort());
      try {
        const response = await fetch(`${server.server}/v1/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(server.key === undefined ? {} : { authorization: `Bearer ${server.key}` }) },
          body: JSON.stringify({ model, messages: [{ role: 'user', content }], max_tokens: 16, ...more }),
          signal: AbortSignal.any([signal, timeout.signal]),
        });
        const body = await response.text();
        const tookMs = clock.monotonicMs() - beganMs;
        const answer = answerSchema.safeParse(parsed(body)).data;
        const traceId = response.headers.get('x-maru-trace-id');
        const decisions =
          traceId === null
            ? []
            : (await client.call({ path: `/api/v1/decisions?traceId=${encodeURIComponent(traceId)}`, schema: decisionListSchema, signal })).items;
        return {
          status: response.status,
          text: answer?.choices?.[0]?.message?.content ?? '',
          endpoint: response.headers.get('x-maru-endpoint') ?? undefined,
          tookMs,
          promptTokens: answer?.usage?.prompt_tokens ?? 0,
          cachedTokens: answer?.usage?.prompt_tokens_details?.cached_tokens ?? 0,
          prefill: decisions.find(({ prefill }) => prefill !== undefined)?.prefill,
        };
      } finally {
        timer.cancel();
      }
    },
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
