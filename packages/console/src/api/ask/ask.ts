import type { Usage } from '@maru/api/records';
import { z } from 'zod';

/** The APIs of the gateway that the playground speaks. */
export const ASK_APIS = ['chat', 'messages', 'responses', 'gemini'] as const;
export type AskApi = (typeof ASK_APIS)[number];
/** Proper names, the same in every language. */
export const API_NAMES: Readonly<Record<AskApi, string>> = { chat: 'Chat', messages: 'Messages', responses: 'Responses', gemini: 'Gemini' };

export interface AskMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export interface AskImage {
  readonly mediaType: string;
  /** Base64. */
  readonly data: string;
}

/** A function that the model may call, in the form of OpenAI's chat. */
export const askToolSchema = z.object({
  type: z.literal('function').default('function'),
  function: z.object({ name: z.string().min(1), description: z.string().optional(), parameters: z.record(z.string(), z.unknown()).optional() }),
});
export type AskTool = z.infer<typeof askToolSchema>;

/** A question as the page knows it, before it takes the form of an API. */
export interface Ask {
  readonly api: AskApi;
  readonly model: string;
  readonly system: string;
  readonly messages: readonly AskMessage[];
  readonly stream: boolean;
  readonly temperature: number | undefined;
  readonly tools: readonly AskTool[];
  /** JSON Schema of the answer. */
  readonly schema: Readonly<Record<string, unknown>> | undefined;
  /** Shown with the last message. */
  readonly image: AskImage | undefined;
}

export const sourceSchema = z.object({
  citation: z.string(),
  document: z.string(),
  heading: z.string().nullish(),
  page: z.number().nullish(),
  text: z.string(),
});
export type Source = z.infer<typeof sourceSchema>;

/** What the headers of an answer say of its way. */
export interface AnswerRoute {
  readonly requestId: string | null;
  readonly traceId: string | null;
  readonly model: string | null;
  readonly endpoint: string | null;
  readonly reason: string | null;
  readonly simulated: boolean;
  /** `hit`, `semantic-hit` or `miss`; null where no cache was asked. */
  readonly cache: string | null;
  /** Age of a hit, in seconds. */
  readonly ageS: number | null;
  readonly savedUsd: string | null;
  readonly warnings: string | null;
}

export type AskEvent =
  | { readonly type: 'start'; readonly route: AnswerRoute }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'call-start'; readonly name: string }
  | { readonly type: 'call-delta'; readonly text: string }
  | { readonly type: 'sources'; readonly sources: readonly Source[] }
  | { readonly type: 'usage'; readonly usage: Usage };
