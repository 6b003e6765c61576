import { toFunctionTool } from '../canonical/custom-calls.ts';
import type { CanonicalRequest } from '../canonical/request.ts';
import type { CanonicalTool, FunctionTool, ToolChoice } from '../canonical/tool.ts';
import type { DropList } from '../drop-list.ts';
import { Fields, invalidField } from '../fields.ts';
import { asList, isObject, type JsonObject } from '../json-value.ts';
import { camelKeys, camelObject } from './camel-keys.ts';
import { toJsonSchema } from './gemini-schema.ts';

/** Function declarations, and tools that Google runs itself. */
export function decodeGeminiTools(tools: readonly unknown[]): readonly CanonicalTool[] {
  return tools.flatMap((value, index): readonly CanonicalTool[] => {
    if (!isObject(value)) throw invalidField(`tools[${index}]`, 'must be an object');
    const { functionDeclarations, ...others } = camelObject(value);
    const functions = asList(functionDeclarations).map((each, at) => decodeFunction(each, `tools[${index}].functionDeclarations[${at}]`));
    const own = Object.entries(others).map(([kind, settings]): CanonicalTool => ({ type: 'foreign', format: 'gemini', kind, value: { [kind]: settings } }));
    return [...functions, ...own];
  });
}

function decodeFunction(value: unknown, path: string): FunctionTool {
  const fields = new Fields(camelKeys(value), path);
  const description = fields.string('description');
  const schema = fields.object('parametersJsonSchema');
  const openApi = fields.object('parameters');
  return {
    type: 'function',
    name: fields.requiredString('name'),
    ...(description === undefined ? {} : { description }),
    parameters: schema ?? (openApi === undefined ? { type: 'object', properties: {} } : toJsonSchema(openApi)),
  };
}

/** `toolConfig.functionCallingConfig`; undefined where nothing was asked for. */
export function decodeGeminiToolChoice(toolConfig: JsonObject | undefined): ToolChoice | undefined {
  const config = camelObject(camelObject(toolConfig)['functionCallingConfig']);
  const mode = typeof config['mode'] === 'string' ? config['mode'].toUpperCase() : undefined;
  const names = asList(config['allowedFunctionNames']).filter((name): name is string => typeof name === 'string');
  const [only] = names;
  switch (mode) {
    case undefined:
    case 'MODE_UNSPECIFIED':
      return undefined;
    case 'NONE':
      return { type: 'none' };
    case 'ANY':
      if (names.length === 1 && only !== undefined) return { type: 'tool', name: only };
      return names.length === 0 ? { type: 'required' } : { type: 'allowed', mode: 'required', names };
    case 'AUTO':
    case 'VALIDATED':
      return names.length === 0 ? { type: 'auto' } : { type: 'allowed', mode: 'auto', names };
    default:
      throw invalidField('toolConfig.functionCallingConfig.mode', 'must be one of AUTO, ANY, NONE, VALIDATED');
  }
}

/** The fields `tools` and `toolConfig`. */
export function encodeGeminiTools(request: CanonicalRequest, drops: DropList): JsonObject {
  const functions: JsonObject[] = [];
  const own: JsonObject[] = [];
  for (const [index, tool] of (request.tools ?? []).entries()) {
    if (tool.type === 'foreign') {
      if (tool.format === 'gemini') own.push(tool.value);
      else drops.foreign(`tools[${index}]`, tool.format);
      continue;
    }
    const { name, description, parameters, cache } = tool.type === 'custom' ? toFunctionTool(tool) : tool;
    if (cache !== undefined) drops.hint('cache', 'Gemini caches prompts by itself');
    functions.push({ name, ...(description === undefined ? {} : { description }), parametersJsonSchema: parameters });
  }
  if (request.parallelToolCalls === false) drops.meaning('parallelToolCalls', 'Gemini can not be held to one tool call at a time');
  const tools = [...(functions.length === 0 ? [] : [{ functionDeclarations: functions }]), ...own];
  if (tools.length === 0) return {};
  const choice = request.toolChoice;
  return { tools, ...(choice === undefined ? {} : { toolConfig: { functionCallingConfig: encodeChoice(choice) } }) };
}

function encodeChoice(choice: ToolChoice): JsonObject {
  switch (choice.type) {
    case 'auto':
      return { mode: 'AUTO' };
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] };
    case 'allowed':
      return { mode: choice.mode === 'required' ? 'ANY' : 'VALIDATED', allowedFunctionNames: choice.names };
  }
}
