import { toFunctionArguments } from './canonical/custom-calls.ts';
import type { ToolCallPart } from './canonical/part.ts';
import type { DropList } from './drop-list.ts';
import { isObject, type JsonObject } from './json-value.ts';

/** The arguments of a call as an object, for formats that take no text; what is no object is named as dropped. */
export function toCallInput(call: ToolCallPart, field: string, drops: DropList): JsonObject {
  const text = call.custom === true ? toFunctionArguments(call.arguments) : call.arguments.trim();
  if (text === '') return {};
  try {
    const input: unknown = JSON.parse(text);
    if (isObject(input)) return input;
  } catch {
    // Named below: what is not JSON and what is no object are the same to the reader.
  }
  drops.meaning(`${field}.arguments`, 'the arguments of a tool call must be a JSON object here');
  return {};
}
