import { toCallInput } from '../call-input.ts';
import type { CanonicalMessage, ToolMessage } from '../canonical/message.ts';
import type { AssistantPart, ReasoningPart, ToolResultPart } from '../canonical/part.ts';
import type { CanonicalRequest } from '../canonical/request.ts';
import type { DropList } from '../drop-list.ts';
import type { JsonObject } from '../json-value.ts';
import { encodeGeminiPart } from './gemini-parts.ts';
import { hasLevels } from './gemini-thinking.ts';

/** What Google's documentation names for calls that another model made, which have no signature. */
const NO_SIGNATURE = 'skip_thought_signature_validator';

interface Contents {
  readonly system: readonly JsonObject[];
  readonly contents: readonly JsonObject[];
}

/** The turns as Gemini wants them: instructions apart, tool results in a turn of the user. */
export function encodeContents(request: CanonicalRequest, drops: DropList): Contents {
  const system: JsonObject[] = [];
  const contents: JsonObject[] = [];
  const names = new Map<string, string>();
  const signs = hasLevels(request.model);
  for (const [index, message] of request.messages.entries()) {
    const field = `messages[${index}]`;
    if (message.role === 'assistant') {
      for (const part of message.content) if (part.type === 'tool-call') names.set(part.id, part.name);
    }
    const parts = encodeParts(message, field, { drops, names, signs });
    if (message.role === 'system' || message.role === 'developer') {
      if (contents.length > 0) drops.hint(field, 'instructions stand before the conversation in this format');
      system.push(...parts);
    } else if (parts.length > 0) contents.push({ role: message.role === 'assistant' ? 'model' : 'user', parts });
  }
  return { system, contents };
}

interface Encoding {
  readonly drops: DropList;
  /** Names of the tools by the ids of their calls. */
  readonly names: ReadonlyMap<string, string>;
  readonly signs: boolean;
}

function encodeParts(message: CanonicalMessage, field: string, encoding: Encoding): readonly JsonObject[] {
  switch (message.role) {
    case 'system':
    case 'developer':
    case 'user':
      if (message.role === 'user' && message.name !== undefined) encoding.drops.hint(`${field}.name`, 'Gemini has no names of persons');
      return message.content.flatMap((part, index) => encodeGeminiPart(part, `${field}.content[${index}]`, encoding.drops));
    case 'assistant':
      return encodeAssistant(message.content, field, encoding);
    case 'tool':
      return encodeResults(message, field, encoding);
  }
}

function encodeAssistant(content: readonly AssistantPart[], field: string, { drops, signs }: Encoding): readonly JsonObject[] {
  const out: JsonObject[] = [];
  let signature: string | undefined;
  let called = false;
  const push = (part: JsonObject): void => {
    out.push(signature === undefined ? part : { ...part, thoughtSignature: signature });
    signature = undefined;
  };
  for (const [index, part] of content.entries()) {
    const at = `${field}.content[${index}]`;
    if ('cache' in part && part.cache !== undefined) drops.hint('cache', 'Gemini caches prompts by itself');
    switch (part.type) {
      case 'text':
      case 'refusal':
        if (part.text !== '') push({ text: part.text });
        break;
      case 'reasoning':
        if (isForeignSeal(part)) drops.hint('messages.reasoning', 'Gemini takes back only reasoning that it signed itself');
        else if (part.text !== '') out.push({ text: part.text, thought: true, ...(part.seal === undefined ? {} : { thoughtSignature: part.seal.value }) });
        else signature = part.seal?.value;
        break;
      case 'tool-call':
        // Only the first of several parallel calls carries a signature.
        if (signs && !called) signature ??= NO_SIGNATURE;
        called = true;
        push({ functionCall: { id: part.id, name: part.name, args: toCallInput(part, at, drops) } });
        break;
      case 'foreign':
        if (part.format === 'gemini') out.push(part.value as JsonObject);
        else drops.foreign(at, part.format);
        break;
    }
  }
  if (signature !== undefined) push({ text: '' });
  return out;
}

const isForeignSeal = (part: ReasoningPart): boolean => part.seal !== undefined && part.seal.format !== 'gemini';

function encodeResults(message: ToolMessage, field: string, { drops, names }: Encoding): readonly JsonObject[] {
  const results: JsonObject[] = [];
  const following: JsonObject[] = [];
  for (const [index, result] of message.content.entries()) {
    results.push({ functionResponse: { id: result.callId, name: result.name ?? names.get(result.callId) ?? result.callId, response: toResponse(result) } });
    const others = result.content.flatMap((part, at) =>
      part.type === 'text' ? [] : encodeGeminiPart(part, `${field}.content[${index}].content[${at}]`, drops),
    );
    if (result.cache !== undefined || result.content.some((part) => 'cache' in part && part.cache !== undefined))
      drops.hint('cache', 'Gemini caches prompts by itself');
    if (others.length > 0) following.push({ text: `Content of the result of tool call ${result.callId}:` }, ...others);
  }
  return [...results, ...following];
}

function toResponse(result: ToolResultPart): JsonObject {
  const text = result.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  return result.isError === true ? { error: text } : { output: text };
}
