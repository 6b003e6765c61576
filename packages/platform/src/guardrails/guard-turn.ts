import { PlatformError } from '@maru/api/errors';
import type { Clock } from '#time';
import type { GuardDecision } from './decision.ts';
import { type GuardContext, guardTexts } from './guard-texts.ts';
import type { Rule, Stage } from './rule.ts';
import { dropLogprobs } from './stream/event-text.ts';
import { createStreamGuard, type StreamGuard } from './stream/stream-guard.ts';
import { createVault } from './text/vault.ts';
import { type TextSlot, visitAnswer, visitPrompt } from './text/visit-texts.ts';

export interface GuardRequest {
  readonly requestId: string;
  readonly tenant: string;
  /** Public name that was asked for. */
  readonly model: string;
  /** Guardrails that the request asks for by name. */
  readonly wanted: readonly string[];
}

/** The guardrails of one call. */
export interface GuardTurn {
  /** Checks a prompt. Returns the body to go on with. Throws `content_blocked`, `guardrail_failed`, or `invalid_json`. */
  before(body: Buffer, signal: AbortSignal): Promise<Buffer>;
  /** The answer has to be watched, because of a rule or because masked values have to be put back; known after `before`. */
  watchesAnswer(): boolean;
  /** Checks a whole answer. Returns what the client gets. Throws `content_blocked` or `guardrail_failed`. */
  after(answer: Buffer, signal: AbortSignal): Promise<Buffer>;
  stream(): StreamGuard;
  /** A whole answer, or the event that sums a stream up, as it may be kept. Throws what {@link GuardTurn.after} throws. */
  final(last: Buffer, signal: AbortSignal): Promise<Buffer>;
  /** What was decided so far; without any text. */
  readonly decisions: readonly GuardDecision[];
}

/** Opens the guardrails of a call; undefined when none applies. Throws `invalid_request` for a name that the route does not have. */
export function openGuards(all: readonly Rule[], request: GuardRequest, clock: Clock): GuardTurn | undefined {
  const unknown = request.wanted.find((name) => !all.some((rule) => rule.name === name));
  if (unknown !== undefined)
    throw new PlatformError('invalid_request', { message: `"${request.model}" has no guardrail "${unknown.slice(0, 100)}"`, details: { param: 'guardrails' } });
  const rules = all.filter((rule) => rule.byDefault || request.wanted.includes(rule.name));
  if (rules.length === 0) return undefined;
  const at = (...stages: readonly Stage[]): readonly Rule[] => rules.filter((rule) => stages.some((stage) => rule.at.has(stage)));
  const before = at('before');
  const answer = at('during', 'after');
  const decisions: GuardDecision[] = [];
  const { requestId, tenant, model } = request;
  const context: GuardContext = { clock, vault: createVault(), requestId, tenant, model, decide: (decision) => void decisions.push(decision) };

  const windows = answer.filter((rule) => rule.detectors !== undefined || rule.judge !== undefined);
  const whole = answer.filter((rule) => rule.whole !== undefined || rule.remote !== undefined);
  const after = async (bytes: Buffer, signal: AbortSignal): Promise<Buffer> => {
    const value = parseObject(bytes);
    if (value === undefined) return bytes;
    const slots: TextSlot[] = [];
    visitAnswer(value, (slot) => void slots.push(slot));
    const changed = await guardTexts(slots, { stage: 'after', rules: answer, context, signal });
    if (!changed) return bytes;
    dropLogprobs(value);
    return Buffer.from(JSON.stringify(value));
  };
  /** The answer that was checked last: what is kept and what is sent are the same bytes. */
  let checked: { readonly bytes: Buffer; readonly result: Promise<Buffer> } | undefined;

  return {
    decisions,
    async before(body, signal) {
      if (before.length === 0) return body;
      // An upload in parts has no body here.
      if (body.length === 0) return body;
      const value = parseObject(body);
      // An engine may be less strict than JSON: what can not be read here must not reach it unread.
      if (value === undefined) throw new PlatformError('invalid_json', { message: 'the request body is not a JSON object' });
      const slots: TextSlot[] = [];
      visitPrompt(value, (slot) => void slots.push(slot));
      await guardTexts(slots, { stage: 'before', rules: before, context, signal });
      // Written again even when nothing was masked: a name that stands twice must not show the engine another text than the one checked.
      return Buffer.from(JSON.stringify(value));
    },
    watchesAnswer: () => answer.length > 0 || context.vault.holds(),
    after(bytes, signal) {
      if (checked?.bytes.equals(bytes) !== true) checked = { bytes, result: after(bytes, signal) };
      return checked.result;
    },
    stream: () => createStreamGuard({ windows, whole, context }),
    final(last, signal) {
      if (parseObject(last) !== undefined) return this.after(last, signal);
      // The stream has been decided already; here its sum is only brought into the same form.
      return createStreamGuard({ windows, whole: [], context: { ...context, decide: () => undefined } }).end(last, signal);
    },
  };
}

function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
