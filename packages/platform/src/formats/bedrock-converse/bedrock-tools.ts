import { toFunctionTool } from '../canonical/custom-calls.ts';
import type { CanonicalRequest } from '../canonical/request.ts';
import type { CanonicalTool, ToolChoice } from '../canonical/tool.ts';
import type { DropList } from '../drop-list.ts';
import { Fields } from '../fields.ts';
import { asObject, isObject, type JsonObject } from '../json-value.ts';
import { decodeBlocks, toCachePoint } from './bedrock-blocks.ts';

/** The tools of `toolConfig`; kinds that Bedrock runs itself stay foreign. */
export function decodeBedrockTools(config: JsonObject): readonly CanonicalTool[] {
  return decodeBlocks<CanonicalTool>(config['tools'] ?? [], 'toolConfig.tools', (block, raw) => {
    const given = block.value('toolSpec');
    if (given === undefined) return [{ type: 'foreign', format: 'bedrock-converse', kind: Object.keys(raw)[0] ?? '', value: raw }];
    const spec = new Fields(given, block.at('toolSpec'));
    const description = spec.string('description');
    const strict = spec.boolean('strict');
    const schema = asObject(spec.object('inputSchema'))['json'];
    return [
      {
        type: 'function',
        name: spec.requiredString('name'),
        ...(description === undefined ? {} : { description }),
        parameters: isObject(schema) ? schema : { type: 'object', properties: {} },
        ...(strict === undefined ? {} : { strict }),
      },
    ];
  });
}

export function decodeBedrockToolChoice(config: JsonObject | undefined): ToolChoice | undefined {
  const choice = config?.['toolChoice'];
  if (!isObject(choice)) return undefined;
  if (isObject(choice['tool'])) return { type: 'tool', name: new Fields(choice['tool'], 'toolConfig.toolChoice.tool').requiredString('name') };
  return { type: isObject(choice['any']) ? 'required' : 'auto' };
}

/** The field `toolConfig`. Bedrock can forbid tools only by not being told of them, and allow some only by not being told of the others. */
export function encodeBedrockTools(request: CanonicalRequest, drops: DropList): JsonObject {
  const { toolChoice: choice } = request;
  if (request.parallelToolCalls === false) drops.meaning('parallelToolCalls', 'Bedrock can not hold a model to one tool call at a time');
  const uses = request.messages.some((message) => message.role === 'tool');
  if (choice?.type === 'none') {
    if (!uses) return {};
    drops.meaning('toolChoice', 'Bedrock can not forbid tools in a conversation that has used some');
  }
  const allowed = choice?.type === 'allowed' ? new Set(choice.names) : undefined;
  const tools = (request.tools ?? []).flatMap((tool, index): readonly JsonObject[] => {
    if (tool.type === 'foreign') {
      if (tool.format === 'bedrock-converse') return [tool.value];
      drops.foreign(`tools[${index}]`, tool.format);
      return [];
    }
    return allowed?.has(tool.name) === false ? [] : encodeTool(tool);
  });
  if (tools.length === 0) return {};
  const encoded = choice === undefined || choice.type === 'none' ? undefined : encodeChoice(choice);
  return { toolConfig: { tools, ...(encoded === undefined ? {} : { toolChoice: encoded }) } };
}

function encodeTool(tool: Exclude<CanonicalTool, { type: 'foreign' }>): readonly JsonObject[] {
  const { name, description, parameters, strict, cache } = tool.type === 'custom' ? toFunctionTool(tool) : tool;
  const spec = {
    name,
    ...(description === undefined ? {} : { description }),
    inputSchema: { json: 'type' in parameters ? parameters : { type: 'object', ...parameters } },
    ...(strict === undefined ? {} : { strict }),
  };
  return [{ toolSpec: spec }, ...(cache === undefined ? [] : [toCachePoint(cache)])];
}

function encodeChoice(choice: Exclude<ToolChoice, { type: 'none' }>): JsonObject | undefined {
  if (choice.type === 'tool') return { tool: { name: choice.name } };
  if (choice.type === 'required' || (choice.type === 'allowed' && choice.mode === 'required')) return { any: {} };
  return { auto: {} };
}
