import { PlatformError } from '@maru/api/errors';
import type { Agent } from '@maru/api/resources';
import type { Clock } from '#time';
import type { AgentPorts } from '../ports.ts';
import { createAgentTool, type NestedAgents } from './agent/agent-tool.ts';
import { createCalculatorTool } from './calculator/calculator-tool.ts';
import { createHttpTool } from './http/http-tool.ts';
import { createKnowledgeTool } from './knowledge/knowledge-tool.ts';
import type { McpServers } from './mcp/mcp-servers.ts';
import { createMcpTools } from './mcp/mcp-tools.ts';
import type { Tool } from './tool.ts';

export interface CreateToolsOptions {
  readonly agent: Agent;
  readonly ports: AgentPorts;
  readonly clock: Clock;
  readonly mcp: McpServers;
  readonly nested: NestedAgents;
  readonly signal: AbortSignal;
}

/** The tools of an agent by name, in the order of its resource; throws `resource_invalid` when two have one name. */
export async function createTools(options: CreateToolsOptions): Promise<ReadonlyMap<string, Tool>> {
  const { agent, ports, clock } = options;
  const tools = new Map<string, Tool>();
  for (const spec of agent.spec.tools) {
    const made = await createFrom(spec);
    for (const tool of made) {
      if (tools.has(tool.name))
        throw new PlatformError('resource_invalid', {
          message: `the agent "${agent.metadata.name}" has two tools of the name "${tool.name}"; give one another name`,
        });
      tools.set(tool.name, tool);
    }
  }
  return tools;

  async function createFrom(spec: Agent['spec']['tools'][number]): Promise<readonly Tool[]> {
    switch (spec.type) {
      case 'knowledge':
        return [createKnowledgeTool(spec, ports.knowledge)];
      case 'calculator':
        return [createCalculatorTool(spec, clock)];
      case 'http':
        return [createHttpTool(spec, ports.http)];
      case 'mcp':
        return createMcpTools(spec, options.mcp, options.signal);
      case 'agent':
        return [createAgentTool(spec, ports.agents.find(spec.agent)?.spec.description, options.nested)];
    }
  }
}
