import {
  type NewSimulation,
  type Simulation,
  type SimulationTrace,
  simulationDetailSchema,
  simulationListSchema,
  simulationOptionsSchema,
  simulationSchema,
  simulationTraceSchema,
} from '@maru/api/wire';
import { queryOptions } from '@tanstack/react-query';
import { rangeBounds } from './range.ts';
import { request, send } from './request.ts';
import { saveFile } from './save-file.ts';

const enc = encodeURIComponent;

export const simulationsQuery = queryOptions({
  queryKey: ['simulations'],
  queryFn: async ({ signal }) => (await request(simulationListSchema, '/api/v1/simulations', { signal })).items,
});

export const simulationQuery = (id: string) =>
  queryOptions({
    queryKey: ['simulation', id],
    queryFn: ({ signal }) => request(simulationDetailSchema, `/api/v1/simulations/${enc(id)}`, { signal }),
  });

export const simulationOptionsQuery = queryOptions({
  queryKey: ['simulation-options'],
  queryFn: ({ signal }) => request(simulationOptionsSchema, '/api/v1/simulation-options', { signal }),
});

export const startSimulation = (body: NewSimulation) => request(simulationSchema, '/api/v1/simulations', { method: 'POST', body });
export const actOnSimulation = (id: string, action: 'cancel' | 'resume') =>
  request(simulationSchema, `/api/v1/simulations/${enc(id)}:${action}`, { method: 'POST', body: {} });
export const deleteSimulation = (id: string) => send(`/api/v1/simulations/${enc(id)}`, { method: 'DELETE' });

/** The report as a page of its own, for people without a console. */
export async function downloadReport({ id }: Pick<Simulation, 'id'>): Promise<void> {
  const response = await send(`/api/v1/simulations/${enc(id)}/report`, { headers: { accept: 'text/html' } });
  saveFile(await response.blob(), `maru-simulation-${id}.html`);
}

export const uploadTrace = (name: string, content: Blob): Promise<SimulationTrace> =>
  request(simulationTraceSchema, '/api/v1/simulation-traces', { method: 'POST', query: { name }, content });

/** Makes a trace of the calls of the last day: lengths and which prompts begin alike, no text. */
export async function uploadRecordedTraffic(name: string): Promise<SimulationTrace> {
  const response = await send('/api/v1/traffic', { query: { ...rangeBounds('24h') }, headers: { accept: 'application/jsonl' } });
  return uploadTrace(name, await response.blob());
}

export const deleteTrace = (id: string) => send(`/api/v1/simulation-traces/${enc(id)}`, { method: 'DELETE' });
