import type { Simulation, SimulationDetail } from '@maru/api/wire';

/** What stands above the figures of a report: what was simulated and how, one fact a line. */
export function reportHead({ request, traceTitle }: Simulation, profile: SimulationDetail['profile'] | undefined) {
  const facts = [
    `${traceTitle}: ${request.requests} requests at most; a speed of 1 is the trace's own`,
    ...(profile === undefined || profile === null ? [] : [`Simulated, not measured: ${profile.title}. Timing ${profile.status}: ${profile.source}`]),
    `Goodput counts requests whose first token comes within ${request.ttftMs} ms and whose tokens then come within ${request.itlMs} ms each; refused requests are not good`,
    `$${request.gpuUsdPerHour} per GPU and hour. ${request.maxWaiting === undefined ? 'Nothing is turned away by admission' : `A request is turned away when more than ${request.maxWaiting} wait per replica`}`,
    request.seeds === 1 ? 'One seed' : `${request.seeds} seeds; ± is half the 95 % confidence interval`,
    'Collapsed, and hollow in the plots: requests waited longer for their turn than they were worked on. Such a figure is no baseline',
  ];
  return { title: request.name === '' ? 'Simulation of routing policies' : request.name, facts };
}
