import { PlatformError } from '@maru/api/errors';
import type { SecretRef } from '@maru/api/resources';
import { z } from 'zod';
import type { GuardrailPorts } from '../ports.ts';
import type { Verdict, WholeText } from '../rule.ts';

export interface WebhookSpec {
  readonly name: string;
  readonly url: string;
  readonly token?: SecretRef | undefined;
}

const replySchema = z.looseObject({
  action: z.enum(['pass', 'block', 'mask']),
  /** Short names of what was found. */
  reasons: z.array(z.string().max(64)).max(20).default([]),
  /** With `mask`: the texts as they may go on, as many as came. */
  texts: z.array(z.string()).optional(),
});

/** Sends the texts to a service of the user. Throws `upstream_garbage` for an answer of another form, and what `post` throws. */
export const askWebhook =
  (spec: WebhookSpec, ports: GuardrailPorts) =>
  async (text: WholeText, signal: AbortSignal): Promise<Verdict> => {
    const { stage, texts, requestId, tenant, model } = text;
    const body = JSON.stringify({ guardrail: spec.name, stage, requestId, tenant, model, texts });
    const reply = await ports.post({ url: spec.url, headers: { 'content-type': 'application/json', ...bearer(spec.token, ports) }, body }, signal);
    const parsed = reply.status === 200 ? replySchema.safeParse(parseJson(reply.text)) : undefined;
    if (parsed?.success !== true)
      throw new PlatformError('upstream_garbage', { message: `the guardrail "${spec.name}" answered with status ${reply.status} and not with a decision` });
    const { action, reasons, texts: masked } = parsed.data;
    if (action === 'pass') return { kinds: [] };
    if (action === 'block') return { kinds: reasons.length > 0 ? reasons : ['blocked'] };
    if (masked?.length !== texts.length)
      throw new PlatformError('upstream_garbage', { message: `the guardrail "${spec.name}" gave back ${masked?.length ?? 0} texts for ${texts.length}` });
    return { kinds: reasons.length > 0 ? reasons : ['masked'], texts: masked };
  };

/** The token of a service. Throws `config_invalid` when it is not set. */
export function bearer(token: SecretRef | undefined, ports: GuardrailPorts): Record<string, string> {
  if (token === undefined) return {};
  const secret = ports.resolveSecret(token);
  if (secret === undefined)
    throw new PlatformError('config_invalid', {
      message: `the token ${'env' in token ? token.env : `${token.secret}/${token.key}`} of a guardrail is not set`,
    });
  return { authorization: `Bearer ${secret}` };
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
