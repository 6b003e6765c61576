import type { CanonicalMessage, SystemMessage } from '../canonical/message.ts';
import type { AssistantPart, ToolResultPart, UserPart } from '../canonical/part.ts';
import { Fields, invalidField } from '../fields.ts';
import { asList, asString, isObject } from '../json-value.ts';
import { unwrapSeal } from '../seal.ts';
import { camelKeys } from './camel-keys.ts';
import { decodeMedia, toForeign } from './gemini-parts.ts';

/** `systemInstruction`: a content, or a text. */
export function decodeSystem(value: unknown): SystemMessage {
  const parts = typeof value === 'string' ? [{ text: value }] : partsOf(value, 'systemInstruction');
  return {
    role: 'system',
    content: parts.map((part, index) => ({ type: 'text', text: new Fields(part, `systemInstruction.parts[${index}]`).requiredString('text') })),
  };
}

/** The turns of a conversation; one without a role is the user's. */
export function decodeContents(value: unknown): readonly CanonicalMessage[] {
  const contents = Array.isArray(value) ? value : value === undefined ? [] : [value];
  if (contents.length === 0) throw invalidField('contents', 'is missing; it must be a list of contents');
  const calls = new OpenCalls();
  return contents.flatMap((content, index): readonly CanonicalMessage[] => {
    const path = `contents[${index}]`;
    if (typeof content === 'string') return [{ role: 'user', content: [{ type: 'text', text: content }] }];
    const role = new Fields(camelKeys(content), path).string('role') ?? 'user';
    const parts = partsOf(content, path);
    if (role === 'model') return [{ role: 'assistant', content: parts.flatMap((part, at) => decodeModelPart(part, `${path}.parts[${at}]`, calls)) }];
    if (role === 'user' || role === 'function' || role === 'tool') return decodeUserTurn(parts, path, calls);
    throw invalidField(`${path}.role`, 'must be "user" or "model"');
  });
}

function partsOf(value: unknown, path: string): readonly unknown[] {
  const parts = new Fields(camelKeys(value), path).value('parts');
  if (parts === undefined) throw invalidField(`${path}.parts`, 'is missing; it must be a list of parts');
  return (Array.isArray(parts) ? parts : [parts]).map(camelKeys);
}

/** Gemini matches a result to its call by the id, and where there is none by the name and the order. */
class OpenCalls {
  #count = 0;
  #open: { readonly id: string; readonly name: string }[] = [];

  add(name: string, id: string | undefined): string {
    this.#count += 1;
    const own = id ?? `call_${this.#count}_${name}`;
    this.#open.push({ id: own, name });
    return own;
  }

  take(name: string, id: string | undefined): string {
    const at = this.#open.findIndex((call) => (id === undefined ? call.name === name : call.id === id));
    const [call] = at < 0 ? [] : this.#open.splice(at, 1);
    return call?.id ?? id ?? `call_${name}`;
  }
}

function decodeUserTurn(parts: readonly unknown[], path: string, calls: OpenCalls): readonly CanonicalMessage[] {
  const results: ToolResultPart[] = [];
  const content: UserPart[] = [];
  for (const [index, value] of parts.entries()) {
    const at = `${path}.parts[${index}]`;
    const part = new Fields(value, at);
    const response = part.value('functionResponse');
    if (response !== undefined) results.push(decodeResult(new Fields(camelKeys(response), `${at}.functionResponse`), calls));
    else content.push(part.has('text') ? { type: 'text', text: part.requiredString('text') } : (decodeMedia(part) ?? toForeign(value)));
  }
  return [
    ...(results.length === 0 ? [] : [{ role: 'tool' as const, content: results }]),
    ...(content.length === 0 && results.length > 0 ? [] : [{ role: 'user' as const, content }]),
  ];
}

function decodeResult(fields: Fields, calls: OpenCalls): ToolResultPart {
  const name = fields.requiredString('name');
  const response = fields.object('response') ?? {};
  const [only] = Object.keys(response);
  const alone = Object.keys(response).length === 1;
  const isError = alone && only === 'error';
  const inner = alone && (only === 'output' || only === 'result' || isError) ? response[only] : response;
  const text = asString(inner) ?? JSON.stringify(inner);
  const media = asList(fields.value('parts')).flatMap((part, index) => {
    const decoded = decodeMedia(new Fields(camelKeys(part), fields.at(`parts[${index}]`)));
    return decoded?.type === 'image' || decoded?.type === 'document' ? [decoded] : [];
  });
  return {
    type: 'tool-result',
    callId: calls.take(name, fields.string('id')),
    name,
    content: [...(text === '' && media.length > 0 ? [] : [{ type: 'text' as const, text }]), ...media],
    ...(isError ? { isError } : {}),
  };
}

function decodeModelPart(value: unknown, path: string, calls: OpenCalls): readonly AssistantPart[] {
  const part = new Fields(value, path);
  const signature = part.string('thoughtSignature');
  const seal = signature === undefined ? undefined : unwrapSeal({ format: 'gemini', kind: 'signature', value: signature });
  const before: readonly AssistantPart[] = seal === undefined ? [] : [{ type: 'reasoning', text: '', seal }];
  if (part.boolean('thought') === true) return [{ type: 'reasoning', text: part.string('text') ?? '', ...(seal === undefined ? {} : { seal }) }];
  const text = part.string('text');
  if (text !== undefined) return text === '' ? before : [...before, { type: 'text', text }];
  const call = part.value('functionCall');
  if (call === undefined) return [...before, toForeign(value)];
  const fields = new Fields(camelKeys(call), part.at('functionCall'));
  const name = fields.requiredString('name');
  const args = fields.value('args');
  return [...before, { type: 'tool-call', id: calls.add(name, fields.string('id')), name, arguments: isObject(args) ? JSON.stringify(args) : '{}' }];
}
