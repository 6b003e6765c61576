import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import { listDeployments } from './deployment-shape.ts';
import { toTime } from './kept-fields.ts';
import type { LitellmPorts } from './ports.ts';

/** `/health/*`. Whether the process lives and serves is told to everybody, everything else to the administrator. */
export function healthRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const alive = (path: string): ControlRoute =>
    route({ method: 'GET', path, summary: 'LiteLLM: the process lives', access: 'public', handle: () => ({ json: "I'm alive!" }) });
  return [
    alive('/health/liveliness'),
    alive('/health/liveness'),
    route({
      method: 'GET',
      path: '/health/services',
      summary: 'LiteLLM: services that are told about requests; none is called',
      query: z.looseObject({ service: z.string().optional() }),
      handle: ({ query }) => {
        throw new PlatformError('not_supported', { message: `the service "${(query.service ?? '').slice(0, 100)}" is not called: metrics stand at /metrics` });
      },
    }),
    route({
      method: 'GET',
      path: '/health/latest',
      summary: 'LiteLLM: the health of each model, as its requests have shown it',
      handle: () => ({
        json: {
          latest_health_checks: Object.fromEntries(
            listDeployments(ports.registry).map(({ id, group, model }) => {
              const problem = ports.problemOf(model.metadata.name);
              const status = problem === undefined ? 'healthy' : 'unhealthy';
              return [id, { model_id: id, model_name: group, status, error_message: problem ?? null, checked_at: toTime(ports.clock.nowMs()) }];
            }),
          ),
          total_models: listDeployments(ports.registry).length,
        },
      }),
    }),
    route({
      method: 'GET',
      path: '/health/readiness',
      summary: 'LiteLLM: the platform serves',
      access: 'public',
      handle: () => ({
        json: {
          status: 'healthy',
          db: 'connected',
          cache: null,
          litellm_version: `maru-${ports.version}`,
          success_callbacks: [],
          last_updated: new Date(ports.clock.nowMs()).toISOString(),
        },
      }),
    }),
    route({
      method: 'GET',
      path: '/health',
      summary: 'LiteLLM: deployments by the health of their endpoints, as their requests have shown it; no model is called',
      query: z.looseObject({ model: z.string().optional() }),
      handle: ({ query }) => {
        const shown = listDeployments(ports.registry)
          .filter(({ group }) => query.model === undefined || group === query.model)
          .map(({ id, group, model }) => {
            const error = ports.problemOf(model.metadata.name);
            const entry = { model: model.spec.provider?.model ?? model.metadata.name, model_name: group, model_id: id };
            return { healthy: error === undefined, entry: error === undefined ? entry : { ...entry, error } };
          });
        const healthy = shown.filter((each) => each.healthy).map((each) => each.entry);
        const unhealthy = shown.filter((each) => !each.healthy).map((each) => each.entry);
        return { json: { healthy_endpoints: healthy, unhealthy_endpoints: unhealthy, healthy_count: healthy.length, unhealthy_count: unhealthy.length } };
      },
    }),
  ];
}
