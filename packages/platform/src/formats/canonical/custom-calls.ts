import { asString, isObject } from '../json-value.ts';
import type { AssistantPart } from './part.ts';
import type { CanonicalTool, CustomTool, FunctionTool } from './tool.ts';

/** The one argument of a function that stands for a custom tool. */
const INPUT = 'input';

/** A custom tool as a function, for formats that only know functions: its text becomes one argument. */
export function toFunctionTool(tool: CustomTool): FunctionTool {
  const grammar = tool.grammar === undefined ? '' : ` The text must follow this ${tool.grammar.syntax} grammar:\n${tool.grammar.definition}`;
  return {
    type: 'function',
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    parameters: {
      type: 'object',
      properties: { [INPUT]: { type: 'string', description: `The whole input of the tool as text.${grammar}` } },
      required: [INPUT],
      additionalProperties: false,
    },
  };
}

/** The text of a custom call as the arguments of the function that stands for it. */
export const toFunctionArguments = (input: string): string => JSON.stringify({ [INPUT]: input });

/** Whether the client knows this tool as a custom one. */
export const isCustomTool = (tools: readonly CanonicalTool[] | undefined, name: string): boolean =>
  tools?.some((tool) => tool.type === 'custom' && tool.name === name) === true;

/** The text of a custom tool out of the arguments of the function that stood for it. */
export function toCustomInput(args: string): string {
  try {
    const value: unknown = JSON.parse(args);
    return (isObject(value) ? asString(value[INPUT]) : undefined) ?? args;
  } catch {
    return args;
  }
}

/** Calls of functions that stood for the client's custom tools, as calls of those. */
export function fitCustomCalls(parts: readonly AssistantPart[], tools: readonly CanonicalTool[] | undefined): readonly AssistantPart[] {
  if (tools === undefined || !tools.some((tool) => tool.type === 'custom')) return parts;
  return parts.map((part) => {
    if (part.type !== 'tool-call' || part.custom === true || !isCustomTool(tools, part.name)) return part;
    return { ...part, custom: true, arguments: toCustomInput(part.arguments) };
  });
}
