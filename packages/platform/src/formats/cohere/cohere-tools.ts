import { toFunctionTool } from '../canonical/custom-calls.ts';
import type { CanonicalRequest } from '../canonical/request.ts';
import type { CanonicalTool } from '../canonical/tool.ts';
import type { DropList } from '../drop-list.ts';
import { Fields } from '../fields.ts';
import type { JsonObject } from '../json-value.ts';

/** The tools of a request; `strict` holds for all of them. */
export const decodeCohereTools = (tools: readonly unknown[], strict: boolean | undefined): readonly CanonicalTool[] =>
  tools.map((value, index): CanonicalTool => {
    const tool = new Fields(value, `tools[${index}]`);
    const kind = tool.string('type') ?? 'function';
    if (kind !== 'function') return { type: 'foreign', format: 'cohere-chat', kind, value: value as JsonObject };
    const called = new Fields(tool.value('function'), tool.at('function'));
    const description = called.string('description');
    return {
      type: 'function',
      name: called.requiredString('name'),
      ...(description === undefined ? {} : { description }),
      parameters: called.object('parameters') ?? { type: 'object', properties: {} },
      ...(strict === undefined ? {} : { strict }),
    };
  });

/** The fields `tools`, `tool_choice` and `strict_tools`. Cohere can be held to some tools only by not being told of the others. */
export function encodeCohereTools(request: CanonicalRequest, drops: DropList): JsonObject {
  const { toolChoice: choice } = request;
  if (request.parallelToolCalls === false) drops.meaning('parallelToolCalls', 'Cohere can not be held to one tool call at a time');
  const allowed = choice?.type === 'tool' ? [choice.name] : choice?.type === 'allowed' ? choice.names : undefined;
  let strict: boolean | undefined;
  const tools = (request.tools ?? []).flatMap((tool, index): readonly JsonObject[] => {
    if (tool.type === 'foreign') {
      if (tool.format === 'cohere-chat') return [tool.value];
      drops.foreign(`tools[${index}]`, tool.format);
      return [];
    }
    const fitted = tool.type === 'custom' ? toFunctionTool(tool) : tool;
    if (fitted.cache !== undefined) drops.hint('cache', 'Cohere has no cache markers');
    if (allowed?.includes(fitted.name) === false) return [];
    strict = fitted.strict === undefined ? strict : fitted.strict && strict !== false;
    const { name, description, parameters } = fitted;
    return [{ type: 'function', function: { name, ...(description === undefined ? {} : { description }), parameters } }];
  });
  if (tools.length === 0) return {};
  const required = choice?.type === 'required' || choice?.type === 'tool' || (choice?.type === 'allowed' && choice.mode === 'required');
  return {
    tools,
    ...(required ? { tool_choice: 'REQUIRED' } : choice?.type === 'none' ? { tool_choice: 'NONE' } : {}),
    ...(strict === undefined ? {} : { strict_tools: strict }),
  };
}
