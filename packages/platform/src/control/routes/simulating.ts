import { PlatformError } from '@maru/api/errors';
import {
  newSimulationSchema,
  simulationDetailSchema,
  simulationListSchema,
  simulationOptionsSchema,
  simulationSchema,
  simulationTraceSchema,
} from '@maru/api/wire';
import { z } from 'zod';
import type { ControlPorts } from '../ports.ts';
import { type ControlRoute, route } from '../route.ts';

/** Simulations: start, watch, compare, and the traces that they play. */
export function simulatingRoutes({ simulations }: ControlPorts): readonly ControlRoute[] {
  const idOf = (params: Readonly<Record<string, string>>): string => params['id'] ?? '';
  return [
    route({
      method: 'GET',
      path: '/api/v1/simulation-options',
      summary: 'Traces, timing profiles and limits of simulations',
      reply: simulationOptionsSchema,
      handle: async () => ({ json: await simulations.options() }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/simulations',
      summary: 'List simulations, newest first',
      reply: simulationListSchema,
      handle: async () => ({ json: { items: await simulations.list() } }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/simulations',
      summary: 'Start a simulation in the background; one runs at a time',
      body: newSimulationSchema,
      reply: simulationSchema,
      handle: async ({ body }) => ({ json: await simulations.start(body), status: 202 }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/simulations/:id',
      summary: 'One simulation with the figures of what has been played so far',
      reply: simulationDetailSchema,
      handle: async ({ params }) => {
        const detail = await simulations.get(idOf(params));
        if (detail === undefined) throw new PlatformError('not_found', { message: `there is no simulation "${idOf(params)}"` });
        return { json: detail };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/simulations/:id/report',
      summary: 'The report as one HTML page that needs no network',
      handle: async ({ params }) => ({ status: 200, contentType: 'text/html; charset=utf-8', bytes: await simulations.report(idOf(params)) }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/simulations/:id:cancel',
      summary: 'Stop a simulation; what has been played is kept',
      reply: simulationSchema,
      handle: async ({ params }) => ({ json: await simulations.cancel(idOf(params)) }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/simulations/:id:resume',
      summary: 'Go on with a simulation that was stopped, where it was',
      reply: simulationSchema,
      handle: async ({ params }) => ({ json: await simulations.resume(idOf(params)), status: 202 }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/simulations/:id',
      summary: 'Delete a simulation that does not run',
      handle: async ({ params }) => {
        await simulations.remove(idOf(params));
        return { empty: true };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/simulation-traces',
      summary: 'Upload a trace: Mooncake JSON lines or Azure CSV, as bytes',
      query: z.object({ name: z.string().trim().min(1).max(120) }),
      reply: simulationTraceSchema,
      foreign: true,
      handle: async ({ query, raw }) => ({ json: await simulations.upload(query.name, raw), status: 201 }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/simulation-traces/:id',
      summary: 'Delete an uploaded trace',
      handle: async ({ params }) => {
        await simulations.removeTrace(idOf(params));
        return { empty: true };
      },
    }),
  ];
}
