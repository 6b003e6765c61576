import type { Simulation } from '@maru/api/wire';

/** What a person has called it, otherwise its trace. */
export const simulationTitle = ({ request, traceTitle }: Pick<Simulation, 'request' | 'traceTitle'>): string =>
  request.name === '' ? traceTitle : request.name;
