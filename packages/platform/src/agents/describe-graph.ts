import type { AgentSpec, AgentTool } from '@maru/api/resources';

export interface AgentGraph {
  readonly nodes: readonly { readonly id: string; readonly label: string; readonly kind: 'start' | 'model' | 'tool' | 'plan' | 'evaluate' | 'end' }[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly label?: string }[];
}

/** The graph of an agent, for people to look at. */
export function describeGraph(spec: AgentSpec): AgentGraph {
  const tools = spec.tools.map((tool, index) => ({ id: `tool-${index}`, label: toolLabel(tool), kind: 'tool' as const }));
  const start = { id: 'start', label: 'Question', kind: 'start' as const };
  const model = { id: 'model', label: spec.model, kind: 'model' as const };
  const end = { id: 'end', label: 'Answer', kind: 'end' as const };
  const calls = tools.flatMap((tool) => [
    { from: 'model', to: tool.id },
    { from: tool.id, to: 'model' },
  ]);
  if (spec.graph === 'react') return { nodes: [start, model, ...tools, end], edges: [{ from: 'start', to: 'model' }, ...calls, { from: 'model', to: 'end' }] };
  return {
    nodes: [start, { id: 'plan', label: 'Plan', kind: 'plan' }, model, ...tools, { id: 'evaluate', label: 'Evaluate', kind: 'evaluate' }, end],
    edges: [
      { from: 'start', to: 'plan' },
      { from: 'plan', to: 'model' },
      ...calls,
      { from: 'model', to: 'evaluate' },
      { from: 'evaluate', to: 'model', label: 'CONTINUE or RETRY' },
      { from: 'evaluate', to: 'end', label: 'COMPLETE' },
    ],
  };
}

function toolLabel(tool: AgentTool): string {
  if (tool.type === 'mcp') return tool.server;
  if (tool.type === 'agent') return tool.agent;
  return tool.name;
}
