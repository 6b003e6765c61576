import { PlatformError } from '@maru/api/errors';
import type { SecretRef } from '@maru/api/resources';
import { z } from 'zod';
import type { GuardrailPorts } from '../ports.ts';
import type { Verdict, WholeText } from '../rule.ts';
import { bearer, parseJson } from './webhook.ts';

export interface ModerationSpec {
  readonly name: string;
  readonly url: string;
  readonly model: string;
  readonly token?: SecretRef | undefined;
  readonly categories: Readonly<Record<string, number>>;
}

const replySchema = z.looseObject({
  results: z
    .array(
      z.looseObject({
        flagged: z.boolean(),
        categories: z.record(z.string(), z.boolean().nullish()).default({}),
        category_scores: z.record(z.string(), z.number().nullish()).default({}),
      }),
    )
    .min(1),
});

/** Asks a service that speaks OpenAI's moderations. Throws `upstream_garbage` for another answer, and what `post` throws. */
export const askModeration =
  (spec: ModerationSpec, ports: GuardrailPorts) =>
  async ({ texts }: WholeText, signal: AbortSignal): Promise<Verdict> => {
    const input = texts.filter((text) => text.trim() !== '');
    if (input.length === 0) return { kinds: [] };
    const headers = { 'content-type': 'application/json', ...bearer(spec.token, ports) };
    const reply = await ports.post({ url: spec.url, headers, body: JSON.stringify({ model: spec.model, input }) }, signal);
    const parsed = reply.status === 200 ? replySchema.safeParse(parseJson(reply.text)) : undefined;
    if (parsed?.success !== true)
      throw new PlatformError('upstream_garbage', { message: `the guardrail "${spec.name}" answered with status ${reply.status} and not with moderations` });
    const limits = Object.entries(spec.categories);
    const kinds = new Set<string>();
    for (const result of parsed.data.results) {
      for (const [category, least] of limits) if ((result.category_scores[category] ?? 0) >= least) kinds.add(category);
      if (limits.length > 0 || !result.flagged) continue;
      const named = Object.keys(result.categories).filter((category) => result.categories[category] === true);
      for (const category of named.length > 0 ? named : ['flagged']) kinds.add(category);
    }
    return { kinds: [...kinds] };
  };
