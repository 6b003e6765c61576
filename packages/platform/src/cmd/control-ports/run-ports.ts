import { PlatformError } from '@maru/api/errors';
import type { Run } from '@maru/api/records';
import type { Page, RunEvent } from '@maru/api/wire';
import type { Agents } from '#agents';
import type { RunFilter, RunPorts } from '#control';
import type { Pipelines } from '#pipelines';
import type { Ingestions } from '../ingestions.ts';
import { withoutUndefined } from './without-undefined.ts';

export interface RunPortsOptions {
  readonly agents: Agents;
  readonly pipelines: Pipelines;
  readonly ingestions: Ingestions;
}

/** Runs of agents, pipelines and ingestions, each in the room that keeps it. */
export function runPorts({ agents, pipelines, ingestions }: RunPortsOptions): RunPorts {
  const notFound = (id: string): PlatformError => new PlatformError('not_found', { message: `there is no run "${id}"` });
  const keeperOf = async (id: string): Promise<'agents' | 'pipelines' | 'ingestions'> => {
    if ((await agents.get(id)) !== undefined) return 'agents';
    if ((await pipelines.get(id)) !== undefined) return 'pipelines';
    if (ingestions.get(id) !== undefined) return 'ingestions';
    throw notFound(id);
  };

  return {
    list: (filter) => listRuns({ agents, pipelines, ingestions }, filter),
    async get(id) {
      const agentRun = await agents.get(id);
      if (agentRun !== undefined)
        return {
          run: agentRun,
          steps: await agents.steps(id),
          approvals: (await agents.approvals(id)).map(({ callId, tool, arguments: given }) => ({ callId, tool, arguments: given })),
        };
      const pipelineRun = await pipelines.get(id);
      if (pipelineRun !== undefined) return { run: pipelineRun, steps: await pipelines.steps(id), approvals: [] };
      const ingestion = ingestions.get(id);
      return ingestion === undefined ? undefined : { run: ingestion, steps: [], approvals: [] };
    },
    async cancel(id) {
      const keeper = await keeperOf(id);
      if (keeper === 'ingestions')
        throw new PlatformError('not_supported', { message: 'an ingestion can not be cancelled; it ends by itself and can be run again' });
      await (keeper === 'agents' ? agents.cancel(id) : pipelines.cancel(id));
    },
    async resume(id) {
      const keeper = await keeperOf(id);
      if (keeper === 'agents') await agents.resume();
      else if (keeper === 'pipelines') await pipelines.resume();
    },
    async approve(id, { callId, approved }) {
      await agents.approve(id, callId, approved);
    },
    async *events(id, signal): AsyncIterable<RunEvent> {
      const keeper = await keeperOf(id);
      if (keeper === 'agents') yield* agents.stream(id, { signal });
      else if (keeper === 'pipelines') yield* pipelines.stream(id, { signal });
      else {
        const run = ingestions.get(id);
        if (run !== undefined) yield { type: run.endedMs === null ? 'run-queued' : 'run-end', run };
      }
    },
  };
}

/** Without a kind, the newest of all rooms; a cursor belongs to one kind. */
async function listRuns({ agents, pipelines, ingestions }: RunPortsOptions, filter: RunFilter): Promise<Page<Run>> {
  const { kind, resource, state, cursor, limit } = filter;
  const paged = withoutUndefined({ state, cursor, limit });
  if (kind === 'agent') return agents.list({ ...paged, ...(resource === undefined ? {} : { agent: resource }) });
  if (kind === 'pipeline') return pipelines.list({ ...paged, ...(resource === undefined ? {} : { pipeline: resource }) });
  const matching = ingestions.list(resource).filter((run) => state === undefined || run.state === state);
  if (kind === 'ingestion') return { items: matching.slice(0, limit), nextCursor: null };
  if (kind === 'evaluation') return { items: [], nextCursor: null };
  if (cursor !== undefined) throw new PlatformError('invalid_request', { message: 'query.cursor: name a kind to page through its runs' });
  const first = withoutUndefined({ state, limit });
  const [ofAgents, ofPipelines] = await Promise.all([
    agents.list({ ...first, ...(resource === undefined ? {} : { agent: resource }) }),
    pipelines.list({ ...first, ...(resource === undefined ? {} : { pipeline: resource }) }),
  ]);
  const all = [...ofAgents.items, ...ofPipelines.items, ...matching].sort((left, right) => right.createdMs - left.createdMs);
  return { items: all.slice(0, limit), nextCursor: null };
}
