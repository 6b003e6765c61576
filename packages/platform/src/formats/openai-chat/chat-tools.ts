import type { CanonicalRequest } from '../canonical/request.ts';
import type { CanonicalTool, ToolChoice } from '../canonical/tool.ts';
import type { DropList } from '../drop-list.ts';
import { Fields, invalidField } from '../fields.ts';
import { asObject, asString, isObject, type JsonObject } from '../json-value.ts';
import { readCache } from '../read-cache.ts';

/** Tools of a chat request: functions, custom tools, and kinds that only some server knows. */
export const decodeChatTools = (tools: readonly unknown[]): readonly CanonicalTool[] =>
  tools.map((value, index): CanonicalTool => {
    const tool = new Fields(value, `tools[${index}]`);
    const type = tool.requiredString('type');
    if (type === 'function') return { ...toFunction(new Fields(tool.value('function'), tool.at('function'))), ...readCache(tool) };
    if (type !== 'custom') return { type: 'foreign', format: 'openai-chat', kind: type, value: value as JsonObject };
    const custom = new Fields(tool.value('custom'), tool.at('custom'));
    const format = asObject(custom.object('format'));
    const grammar = asObject(format['grammar']);
    const description = custom.string('description');
    return {
      type: 'custom',
      name: custom.requiredString('name'),
      ...(description === undefined ? {} : { description }),
      ...(format['type'] === 'grammar' ? { grammar: { syntax: asString(grammar['syntax']) ?? '', definition: asString(grammar['definition']) ?? '' } } : {}),
    };
  });

/** The deprecated `functions` of a chat request. */
export const decodeFunctions = (functions: readonly unknown[]): readonly CanonicalTool[] =>
  functions.map((value, index) => toFunction(new Fields(value, `functions[${index}]`)));

function toFunction(fields: Fields): Extract<CanonicalTool, { type: 'function' }> {
  const description = fields.string('description');
  const strict = fields.boolean('strict');
  return {
    type: 'function',
    name: fields.requiredString('name'),
    ...(description === undefined ? {} : { description }),
    parameters: fields.object('parameters') ?? { type: 'object', properties: {} },
    ...(strict === undefined ? {} : { strict }),
  };
}

/** `tool_choice` in all its shapes. */
export function decodeChatToolChoice(value: unknown): ToolChoice | undefined {
  if (value === undefined) return undefined;
  if (value === 'auto' || value === 'none' || value === 'required') return { type: value };
  if (value === 'any') return { type: 'required' };
  if (isObject(value)) {
    const named = asString(asObject(value['function'])['name']) ?? asString(asObject(value['custom'])['name']) ?? asString(value['name']);
    if ((value['type'] === 'function' || value['type'] === 'custom') && named !== undefined) return { type: 'tool', name: named };
    if (value['type'] === 'allowed_tools') return toAllowed(isObject(value['allowed_tools']) ? value['allowed_tools'] : value);
  }
  throw invalidField('tool_choice', 'must be "auto", "none", "required" or an object that names a function');
}

function toAllowed(value: JsonObject): ToolChoice {
  const tools = Array.isArray(value['tools']) ? value['tools'] : [];
  const names = tools.map((tool) => asString(asObject(asObject(tool)['function'])['name']) ?? asString(asObject(tool)['name']));
  return { type: 'allowed', mode: value['mode'] === 'required' ? 'required' : 'auto', names: names.filter((name) => name !== undefined) };
}

/** The fields `tools` and `tool_choice` of a chat request. */
export function encodeChatTools(request: CanonicalRequest, drops: DropList): JsonObject {
  const tools = (request.tools ?? []).flatMap((tool, index) => encodeTool(tool, `tools[${index}]`, drops));
  if (tools.length === 0) return {};
  const choice = request.toolChoice === undefined ? {} : { tool_choice: encodeToolChoice(request.toolChoice, request.tools ?? []) };
  return { tools, ...choice, ...(request.parallelToolCalls === undefined ? {} : { parallel_tool_calls: request.parallelToolCalls }) };
}

function encodeTool(tool: CanonicalTool, field: string, drops: DropList): JsonObject[] {
  switch (tool.type) {
    case 'function': {
      const { name, description, parameters, strict } = tool;
      if (tool.cache !== undefined) drops.hint('cache', 'servers of the OpenAI API cache prompts by themselves');
      return [
        {
          type: 'function',
          function: { name, ...(description === undefined ? {} : { description }), parameters, ...(strict === undefined ? {} : { strict }) },
        },
      ];
    }
    case 'custom': {
      const { name, description, grammar } = tool;
      const format = grammar === undefined ? {} : { format: { type: 'grammar', grammar } };
      return [{ type: 'custom', custom: { name, ...(description === undefined ? {} : { description }), ...format } }];
    }
    case 'foreign':
      if (tool.format === 'openai-chat') return [tool.value];
      drops.foreign(field, tool.format);
      return [];
  }
}

function encodeToolChoice(choice: ToolChoice, tools: readonly CanonicalTool[]): unknown {
  const named = (name: string): JsonObject =>
    tools.some((tool) => tool.type === 'custom' && tool.name === name) ? { type: 'custom', custom: { name } } : { type: 'function', function: { name } };
  if (choice.type === 'tool') return named(choice.name);
  if (choice.type === 'allowed') return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools: choice.names.map(named) } };
  return choice.type;
}
