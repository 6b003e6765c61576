import { toFunctionTool } from '../canonical/custom-calls.ts';
import type { CanonicalRequest } from '../canonical/request.ts';
import type { CanonicalTool, FunctionTool, ToolChoice } from '../canonical/tool.ts';
import type { DropList } from '../drop-list.ts';
import { Fields, invalidField } from '../fields.ts';
import type { JsonObject } from '../json-value.ts';
import { readCache, toCacheControl } from '../read-cache.ts';

const FORMAT = 'anthropic-messages';

/** The tools of a request; kinds that Anthropic runs itself stay foreign. */
export const decodeAnthropicTools = (tools: readonly unknown[], warnings: string[]): readonly CanonicalTool[] =>
  tools.map((value, index): CanonicalTool => {
    const tool = new Fields(value, `tools[${index}]`);
    const kind = tool.string('type') ?? 'custom';
    if (kind !== 'custom') return { type: 'foreign', format: FORMAT, kind, value: value as JsonObject };
    const description = tool.string('description');
    const strict = tool.boolean('strict');
    const decoded: FunctionTool = {
      type: 'function',
      name: tool.requiredString('name'),
      ...(description === undefined ? {} : { description }),
      parameters: tool.object('input_schema') ?? { type: 'object', properties: {} },
      ...(strict === undefined ? {} : { strict }),
      ...readCache(tool),
    };
    for (const name of Object.keys(tool.rest() ?? {})) warnings.push(`"${tool.at(name)}" is not known and was not translated`);
    return decoded;
  });

/** `tool_choice` with the switch for parallel calls that stands in it. */
export function decodeAnthropicToolChoice(value: JsonObject | undefined): Pick<CanonicalRequest, 'toolChoice' | 'parallelToolCalls'> {
  if (value === undefined) return {};
  const choice = new Fields(value, 'tool_choice');
  const alone = choice.boolean('disable_parallel_tool_use');
  return { toolChoice: toChoice(choice), ...(alone === undefined ? {} : { parallelToolCalls: !alone }) };
}

function toChoice(choice: Fields): ToolChoice {
  switch (choice.requiredString('type')) {
    case 'auto':
      return { type: 'auto' };
    case 'none':
      return { type: 'none' };
    case 'any':
      return { type: 'required' };
    case 'tool':
      return { type: 'tool', name: choice.requiredString('name') };
    default:
      throw invalidField('tool_choice.type', 'must be "auto", "any", "tool" or "none"');
  }
}

/** The fields `tools` and `tool_choice`. Tools that the choice does not allow are not sent: Anthropic has no list of allowed ones. */
export function encodeAnthropicTools(request: CanonicalRequest, drops: DropList): JsonObject {
  const { toolChoice } = request;
  const allowed = toolChoice?.type === 'allowed' ? new Set(toolChoice.names) : undefined;
  const tools = (request.tools ?? []).flatMap((tool, index) => encodeTool(tool, `tools[${index}]`, drops));
  const sent = allowed === undefined ? tools : tools.filter((tool) => allowed.has(String(tool['name'])));
  if (sent.length === 0) return {};
  const choice = encodeChoice(toolChoice, request.parallelToolCalls);
  return choice === undefined ? { tools: sent } : { tools: sent, tool_choice: choice };
}

function encodeTool(tool: CanonicalTool, field: string, drops: DropList): readonly JsonObject[] {
  if (tool.type === 'foreign') {
    if (tool.format === FORMAT) return [tool.value];
    drops.foreign(field, tool.format);
    return [];
  }
  const { name, description, parameters, strict, cache }: FunctionTool = tool.type === 'custom' ? toFunctionTool(tool) : tool;
  return [
    {
      name,
      ...(description === undefined ? {} : { description }),
      input_schema: 'type' in parameters ? parameters : { type: 'object', ...parameters },
      ...(strict === undefined ? {} : { strict }),
      ...toCacheControl(cache),
    },
  ];
}

function encodeChoice(choice: ToolChoice | undefined, parallel: boolean | undefined): JsonObject | undefined {
  const alone = parallel === undefined ? {} : { disable_parallel_tool_use: !parallel };
  if (choice === undefined) return parallel === undefined ? undefined : { type: 'auto', ...alone };
  switch (choice.type) {
    case 'none':
      return { type: 'none' };
    case 'auto':
      return { type: 'auto', ...alone };
    case 'required':
      return { type: 'any', ...alone };
    case 'tool':
      return { type: 'tool', name: choice.name, ...alone };
    case 'allowed':
      return { type: choice.mode === 'required' ? 'any' : 'auto', ...alone };
  }
}
