import { PlatformError } from '@maru/api/errors';
import { type Agents, describeGraph } from '#agents';
import type { AgentPorts, PipelinePorts } from '#control';
import type { Pipelines } from '#pipelines';
import type { Registry } from '#resources';

/** Agents for the control plane. */
export function agentControlPorts({ registry, agents }: { registry: Registry; agents: Agents }): AgentPorts {
  return {
    list: () =>
      Promise.all(
        registry.list('Agent').map(async ({ metadata: { name }, spec }) => {
          const graph = describeGraph(spec);
          const { items } = await agents.list({ agent: name, limit: 1 });
          return { name, modelId: `agent/${name}`, spec, graph: { nodes: [...graph.nodes], edges: [...graph.edges] }, lastRun: items[0] ?? null };
        }),
      ),
    async start(name, { input, session }, principal) {
      const agent = registry.get('Agent', name);
      if (agent === undefined) throw new PlatformError('not_found', { message: `there is no Agent called "${name}"` });
      return agents.start(agent, { input, tenant: principal.tenant, keyId: principal.keyId, ...(session === undefined ? {} : { session }) });
    },
  };
}

/** Pipelines for the control plane. */
export function pipelineControlPorts({ registry, pipelines }: { registry: Registry; pipelines: Pipelines }): PipelinePorts {
  return {
    list: () =>
      Promise.all(
        registry.list('Pipeline').map(async ({ metadata: { name }, spec }) => {
          const { items } = await pipelines.list({ pipeline: name, limit: 1 });
          return {
            name,
            description: spec.description ?? null,
            steps: spec.steps.map((step) => ({ name: step.name, type: step.type, needs: step.needs })),
            lastRun: items[0] ?? null,
          };
        }),
      ),
    async start(name) {
      const pipeline = registry.get('Pipeline', name);
      if (pipeline === undefined) throw new PlatformError('not_found', { message: `there is no Pipeline called "${name}"` });
      return pipelines.start(pipeline, { tenant: 'default' });
    },
  };
}
