import { PlatformError } from '@maru/api/errors';
import { RUN_STATES } from '@maru/api/records';
import {
  agentListSchema,
  approvalSchema,
  evaluationListSchema,
  evaluationRunDetailSchema,
  evaluationRunPageSchema,
  evaluationRunSchema,
  newAgentRunSchema,
  pipelineListSchema,
  runDetailSchema,
  runPageSchema,
} from '@maru/api/wire';
import { z } from 'zod';
import type { ControlPorts } from '../ports.ts';
import { pageQuery } from '../query.ts';
import { type ControlRoute, route } from '../route.ts';

/** Agents, runs, evaluations and pipelines. */
export function runningRoutes(ports: ControlPorts): readonly ControlRoute[] {
  const { agents, evaluations, pipelines, runs } = ports;
  const verb = (name: string, summary: string, act: (id: string) => Promise<void>): ControlRoute =>
    route({
      method: 'POST',
      path: `/api/v1/runs/:id:${name}`,
      summary,
      handle: async ({ params }) => {
        await act(params['id'] ?? '');
        return { empty: true };
      },
    });
  return [
    route({
      method: 'GET',
      path: '/api/v1/agents',
      summary: 'List agents with their graphs',
      reply: agentListSchema,
      handle: async () => ({ json: { items: await agents.list() } }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/agents/:name/runs',
      summary: 'Start a run; streams its events when asked for text/event-stream',
      access: 'key',
      body: newAgentRunSchema,
      handle: async ({ params, body, principal, request, signal }) => {
        const run = await agents.start(params['name'] ?? '', body, principal);
        return (request.headers.accept ?? '').includes('text/event-stream') ? { events: runs.events(run.id, signal) } : { json: run, status: 202 };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/runs',
      summary: 'List runs, newest first',
      query: z.object({
        ...pageQuery,
        kind: z.enum(['agent', 'ingestion', 'evaluation', 'pipeline']).optional(),
        resource: z.string().optional(),
        state: z.enum(RUN_STATES).optional(),
      }),
      reply: runPageSchema,
      handle: async ({ query }) => ({ json: await runs.list(query) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/runs/:id',
      summary: 'Read a run and its steps',
      reply: runDetailSchema,
      handle: async ({ params }) => {
        const run = await runs.get(params['id'] ?? '');
        if (run === undefined) throw new PlatformError('not_found', { message: `there is no run "${params['id']}"` });
        return { json: run };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/runs/:id/events',
      summary: 'Follow a run from its beginning',
      handle: ({ params, signal }) => ({ events: runs.events(params['id'] ?? '', signal) }),
    }),
    verb('cancel', 'Cancel a run', (id) => runs.cancel(id)),
    verb('resume', 'Go on with a run that was interrupted', (id) => runs.resume(id)),
    route({
      method: 'POST',
      path: '/api/v1/runs/:id:approve',
      summary: 'Allow or refuse a tool call that waits for a person',
      body: approvalSchema,
      handle: async ({ params, body }) => {
        await runs.approve(params['id'] ?? '', body);
        return { empty: true };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/evaluations',
      summary: 'List evaluations with their last runs',
      reply: evaluationListSchema,
      handle: async () => ({ json: { items: await evaluations.list() } }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/evaluations/:name/runs',
      summary: 'List the runs of an evaluation',
      query: z.object(pageQuery),
      reply: evaluationRunPageSchema,
      handle: async ({ params, query }) => ({ json: await evaluations.runs(params['name'] ?? '', query) }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/evaluations/:name/runs',
      summary: 'Start an evaluation',
      reply: evaluationRunSchema,
      handle: async ({ params }) => ({ json: await evaluations.start(params['name'] ?? ''), status: 202 }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/evaluation-runs/:id',
      summary: 'Read a run of an evaluation with its rows',
      reply: evaluationRunDetailSchema,
      handle: async ({ params }) => {
        const detail = await evaluations.get(params['id'] ?? '');
        if (detail === undefined) throw new PlatformError('not_found', { message: `there is no evaluation run "${params['id']}"` });
        return { json: detail };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/pipelines',
      summary: 'List pipelines',
      reply: pipelineListSchema,
      handle: async () => ({ json: { items: await pipelines.list() } }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/pipelines/:name/runs',
      summary: 'Start a pipeline',
      handle: async ({ params }) => ({ json: await pipelines.start(params['name'] ?? ''), status: 202 }),
    }),
  ];
}
