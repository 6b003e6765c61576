import type { CanonicalRequest } from '../canonical/request.ts';
import type { CanonicalTool, ToolChoice } from '../canonical/tool.ts';
import type { DropList } from '../drop-list.ts';
import { Fields } from '../fields.ts';
import { asObject, asString, isObject, type JsonObject } from '../json-value.ts';

const FORMAT = 'openai-responses';

/** The tools of a response: functions and custom tools; what OpenAI runs itself stays foreign. */
export const decodeResponsesTools = (tools: readonly unknown[]): readonly CanonicalTool[] =>
  tools.map((value, index): CanonicalTool => {
    const tool = new Fields(value, `tools[${index}]`);
    const type = tool.requiredString('type');
    if (type !== 'function' && type !== 'custom') return { type: 'foreign', format: FORMAT, kind: type, value: value as JsonObject };
    const name = tool.requiredString('name');
    const description = tool.string('description');
    const described = description === undefined ? {} : { description };
    if (type === 'function') {
      const strict = tool.boolean('strict') === true ? { strict: true } : {};
      return { type, name, ...described, parameters: tool.object('parameters') ?? { type: 'object', properties: {} }, ...strict };
    }
    const format = asObject(tool.object('format'));
    if (format['type'] !== 'grammar') return { type, name, ...described };
    return { type, name, ...described, grammar: { syntax: asString(format['syntax']) ?? '', definition: asString(format['definition']) ?? '' } };
  });

/** Whether a choice names a tool that OpenAI runs itself. */
export const isHostedChoice = (value: unknown): boolean =>
  isObject(value) && value['type'] !== 'function' && value['type'] !== 'custom' && value['type'] !== 'allowed_tools';

/** The fields `tools`, `tool_choice` and `parallel_tool_calls`. */
export function encodeResponsesTools(request: CanonicalRequest, drops: DropList): JsonObject {
  const tools = (request.tools ?? []).flatMap((tool, index) => encodeTool(tool, `tools[${index}]`, drops));
  if (tools.length === 0) return {};
  const choice = request.toolChoice === undefined ? {} : { tool_choice: encodeChoice(request.toolChoice, request.tools ?? []) };
  return { tools, ...choice, ...(request.parallelToolCalls === undefined ? {} : { parallel_tool_calls: request.parallelToolCalls }) };
}

function encodeTool(tool: CanonicalTool, field: string, drops: DropList): readonly JsonObject[] {
  switch (tool.type) {
    case 'function': {
      const { name, description, parameters, strict, cache } = tool;
      if (cache !== undefined) drops.hint('cache', 'OpenAI caches prompts by itself');
      // Absent means strict in this API, unlike in all others.
      return [{ type: 'function', name, ...(description === undefined ? {} : { description }), parameters, strict: strict ?? false }];
    }
    case 'custom': {
      const { name, description, grammar } = tool;
      const format = grammar === undefined ? {} : { format: { type: 'grammar', ...grammar } };
      return [{ type: 'custom', name, ...(description === undefined ? {} : { description }), ...format }];
    }
    case 'foreign':
      if (tool.format === FORMAT) return [tool.value];
      drops.foreign(field, tool.format);
      return [];
  }
}

function encodeChoice(choice: ToolChoice, tools: readonly CanonicalTool[]): unknown {
  const named = (name: string): JsonObject => ({ type: tools.some((tool) => tool.type === 'custom' && tool.name === name) ? 'custom' : 'function', name });
  if (choice.type === 'tool') return named(choice.name);
  if (choice.type === 'allowed') return { type: 'allowed_tools', mode: choice.mode, tools: choice.names.map(named) };
  return choice.type;
}
