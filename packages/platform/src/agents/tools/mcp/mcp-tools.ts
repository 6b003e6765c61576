import { PlatformError } from '@maru/api/errors';
import type { CallToolResult, Tool as McpToolInfo } from '@modelcontextprotocol/client';
import type { Tool, ToolSpec } from '../tool.ts';
import type { McpServers } from './mcp-servers.ts';

/** The tools of a server that the agent may use, in the order of their names: a stable prompt is found in the prefix cache. */
export async function createMcpTools(spec: ToolSpec<'mcp'>, servers: McpServers, signal: AbortSignal): Promise<readonly Tool[]> {
  const offered = await servers.listTools(spec.server, signal);
  const missing = (spec.tools ?? []).filter((name) => !offered.some((tool) => tool.name === name));
  if (missing.length > 0)
    throw new PlatformError('tool_not_found', {
      message: `the tool server "${spec.server}" has no tool "${missing.join('", "')}"; it has ${offered.map((tool) => tool.name).join(', ') || '(none)'}`,
    });
  return offered
    .filter((tool) => spec.tools === undefined || spec.tools.includes(tool.name))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map((info) => toTool(spec.server, info, servers));
}

function toTool(server: string, info: McpToolInfo, servers: McpServers): Tool {
  return {
    name: info.name,
    description: (info.description ?? info.title ?? info.name).slice(0, 4_000),
    parameters: info.inputSchema as Readonly<Record<string, unknown>>,
    // Hints of the server; without them a call is taken to change the world.
    idempotent: info.annotations?.readOnlyHint === true || info.annotations?.idempotentHint === true,
    async call(args, context) {
      const result = await servers.callTool({ server, tool: info.name, arguments: args, traceparent: context.traceparent }, context.signal);
      return { content: resultText(result), isError: result.isError === true };
    },
  };
}

/** What the model reads: the text of the result; other content is named, not embedded. */
function resultText(result: CallToolResult): string {
  const parts = result.content.map((part) => {
    if (part.type === 'text') return part.text;
    if (part.type === 'resource' && 'text' in part.resource) return String(part.resource.text);
    if (part.type === 'resource_link') return `[${part.name}](${part.uri})`;
    return `[${part.type}]`;
  });
  if (parts.length === 0 && result.structuredContent !== undefined) return JSON.stringify(result.structuredContent);
  return parts.join('\n');
}
