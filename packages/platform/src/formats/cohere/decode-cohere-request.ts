import type { CanonicalMessage } from '../canonical/message.ts';
import type { AssistantPart, SystemPart, ToolResultContent, UserPart } from '../canonical/part.ts';
import type { CanonicalRequest, OutputFormat, ReasoningSettings } from '../canonical/request.ts';
import type { ToolChoice } from '../canonical/tool.ts';
import { Fields, invalidField } from '../fields.ts';
import type { DecodedRequest } from '../format.ts';
import { decodeImageUrl } from '../image-url-part.ts';
import { asObject, compact, isObject } from '../json-value.ts';
import { decodeCohereTools } from './cohere-tools.ts';

const FORMAT = 'cohere-chat';

/** Body of `POST /v2/chat`. */
export function decodeCohereRequest(value: unknown): DecodedRequest {
  const body = new Fields(value, '');
  const tools = body.list('tools');
  const strict = body.boolean('strict_tools');
  const messages = body.list('messages');
  if (messages === undefined) throw invalidField('messages', 'is missing; it must be a list of messages');
  const request: CanonicalRequest = {
    model: body.requiredString('model'),
    stream: body.boolean('stream') ?? false,
    messages: decodeMessages(messages),
    ...compact({
      tools: tools === undefined ? undefined : decodeCohereTools(tools, strict),
      toolChoice: decodeChoice(body),
      output: decodeOutput(body.object('response_format')),
      stop: body.strings('stop_sequences'),
      seed: body.integer('seed', 0),
      temperature: body.number('temperature'),
      topP: body.number('p'),
      topK: body.number('k'),
      presencePenalty: body.number('presence_penalty'),
      frequencyPenalty: body.number('frequency_penalty'),
      maxTokens: body.integer('max_tokens', 1),
      reasoning: decodeThinking(body.value('thinking')),
    }),
  };
  const rest = body.rest();
  return { request: rest === undefined ? request : { ...request, extra: { format: FORMAT, fields: rest } }, warnings: [] };
}

function decodeChoice(body: Fields): ToolChoice | undefined {
  const choice = body.oneOf('tool_choice', ['REQUIRED', 'NONE']);
  if (choice === undefined) return undefined;
  return { type: choice === 'NONE' ? 'none' : 'required' };
}

function decodeOutput(format: Readonly<Record<string, unknown>> | undefined): OutputFormat | undefined {
  if (format?.['type'] !== 'json_object') return undefined;
  const schema = format['json_schema'] ?? format['schema'];
  return isObject(schema) ? { type: 'json-schema', name: 'answer', schema } : { type: 'json' };
}

function decodeThinking(value: unknown): ReasoningSettings | undefined {
  if (value === undefined) return undefined;
  const thinking = new Fields(value, 'thinking');
  const budgetTokens = thinking.integer('token_budget', 0);
  const mode = thinking.oneOf('type', ['enabled', 'disabled']);
  return { ...(mode === undefined ? {} : { mode: mode === 'enabled' ? 'on' : 'off' }), ...(budgetTokens === undefined ? {} : { budgetTokens }) };
}

/** Neighbouring results of tools are one message, as in all other formats. */
function decodeMessages(values: readonly unknown[]): readonly CanonicalMessage[] {
  const messages: CanonicalMessage[] = [];
  for (const [index, value] of values.entries()) {
    const message = decodeMessage(new Fields(value, `messages[${index}]`));
    const last = messages.at(-1);
    if (message.role === 'tool' && last?.role === 'tool') messages[messages.length - 1] = { role: 'tool', content: [...last.content, ...message.content] };
    else messages.push(message);
  }
  return messages;
}

function decodeMessage(message: Fields): CanonicalMessage {
  const content = message.value('content');
  const path = message.at('content');
  switch (message.requiredString('role')) {
    case 'system':
      return { role: 'system', content: decodeParts(content, path, decodeSystemPart) };
    case 'user':
      return { role: 'user', content: decodeParts(content, path, decodeUserPart) };
    case 'assistant':
      return { role: 'assistant', content: decodeAssistant(message, content, path) };
    case 'tool':
      return {
        role: 'tool',
        content: [{ type: 'tool-result', callId: message.requiredString('tool_call_id'), content: decodeParts(content, path, decodeResultPart) }],
      };
    default:
      throw invalidField(message.at('role'), 'must be system, user, assistant or tool');
  }
}

type Decode<T> = (part: Fields, type: string, raw: unknown) => T;

function decodeParts<T>(content: unknown, path: string, decode: Decode<T>): readonly (T | Extract<SystemPart, { type: 'text' }>)[] {
  if (content === undefined) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw invalidField(path, 'must be a text or a list of parts');
  return content.map((raw, index) => {
    const part = new Fields(raw, `${path}[${index}]`);
    return decode(part, part.requiredString('type'), raw);
  });
}

const decodeSystemPart: Decode<SystemPart> = (part, type, raw) =>
  type === 'text' ? { type: 'text', text: part.requiredString('text') } : { type: 'foreign', format: FORMAT, value: raw };

const decodeUserPart: Decode<UserPart> = (part, type, raw) => (type === 'image_url' ? decodeImageUrl(part) : decodeSystemPart(part, type, raw));

const decodeResultPart: Decode<ToolResultContent> = (part, type, raw) => {
  if (type !== 'document') return decodeSystemPart(part, type, raw);
  const { data } = asObject(part.object('document'));
  return { type: 'text', text: typeof data === 'string' ? data : JSON.stringify(data ?? {}) };
};

function decodeAssistant(message: Fields, content: unknown, path: string): readonly AssistantPart[] {
  const plan = message.string('tool_plan');
  const parts = decodeParts<AssistantPart>(content, path, (part, type, raw) =>
    type === 'thinking' ? { type: 'reasoning', text: part.requiredString('thinking') } : decodeSystemPart(part, type, raw),
  );
  const calls = (message.list('tool_calls') ?? []).map((value, index): AssistantPart => {
    const call = new Fields(value, message.at(`tool_calls[${index}]`));
    const called = new Fields(call.value('function'), call.at('function'));
    return { type: 'tool-call', id: call.requiredString('id'), name: called.requiredString('name'), arguments: called.string('arguments') ?? '' };
  });
  return [...(plan === undefined || plan === '' ? [] : [{ type: 'reasoning' as const, text: plan }]), ...parts, ...calls];
}
