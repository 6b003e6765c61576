import { PlatformError } from '@maru/api/errors';
import type { WireFormat } from '#formats';

type Json = Readonly<Record<string, unknown>>;

/** What one event means, as its format says it. */
export interface EventMeaning {
  /** The client sees a part of the answer. */
  readonly visible?: boolean;
  /** `marker`: the answer is complete with this event. `held`: it is complete when the body ends after it. */
  readonly final?: 'marker' | 'held';
  /** Fields of the usage object; later ones replace earlier ones. */
  readonly usage?: Json;
  readonly error?: PlatformError;
}

/** Reads the events of a format that the client and the engine share. `json` parses the data of the event. */
export type EventGrammar = (name: string, json: () => Json) => EventMeaning;

const NOTHING: EventMeaning = Object.freeze({});
const VISIBLE: EventMeaning = Object.freeze({ visible: true });

const anthropic: EventGrammar = (name, json) => {
  switch (name === '' ? String(json()['type']) : name) {
    case 'content_block_delta':
      return VISIBLE;
    case 'content_block_start':
      return String(objectOf(json()['content_block'])['type']).endsWith('tool_use') ? VISIBLE : NOTHING;
    case 'message_start':
      return { usage: objectOf(objectOf(json()['message'])['usage']) };
    case 'message_delta':
      return { visible: true, usage: objectOf(json()['usage']) };
    case 'message_stop':
      return { visible: true, final: 'marker' };
    case 'error':
      return { error: brokenOff(json()['error']) };
    default:
      return NOTHING;
  }
};

const responses: EventGrammar = (name, json) => {
  const type = name === '' ? String(json()['type']) : name;
  if (type.endsWith('.delta')) return VISIBLE;
  if (type === 'response.completed' || type === 'response.incomplete') {
    return { visible: true, final: 'marker', usage: objectOf(objectOf(json()['response'])['usage']) };
  }
  if (type === 'response.failed') return { error: brokenOff(objectOf(json()['response'])['error']) };
  if (type === 'error') return { error: brokenOff(json()['error'] ?? json()) };
  return NOTHING;
};

const gemini: EventGrammar = (_name, json) => {
  const value = json();
  if (value['error'] != null) return { error: brokenOff(value['error']) };
  const candidates = listOf(value['candidates']);
  const visible = candidates.some((candidate) => listOf(objectOf(candidate['content'])['parts']).length > 0);
  const final = candidates.some((candidate) => candidate['finishReason'] != null) || objectOf(value['promptFeedback'])['blockReason'] != null;
  const usage = value['usageMetadata'];
  return { visible: visible || final, ...(final ? { final: 'held' as const } : {}), ...(usage == null ? {} : { usage: objectOf(usage) }) };
};

/** The grammars of the formats that are passed on without translation, but for those of OpenAI's chat. */
export const GRAMMARS: Readonly<Partial<Record<WireFormat, EventGrammar>>> = Object.freeze({
  'anthropic-messages': anthropic,
  'openai-responses': responses,
  gemini,
});

function brokenOff(error: unknown): PlatformError {
  const { message, code, type } = objectOf(error);
  const words = typeof message === 'string' ? message.slice(0, 1000) : 'no message';
  return new PlatformError('upstream_cut', { message: `the engine broke off its answer: ${words}`, details: { upstreamCode: code ?? type ?? null } });
}

const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : NOTHING_JSON);
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(objectOf) : []);
const NOTHING_JSON: Json = Object.freeze({});
