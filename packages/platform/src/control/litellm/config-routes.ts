import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import type { LitellmPorts } from './ports.ts';

/** `/config/*` and the settings that clients read: shown as they are in force, changed in the file. */
export function configRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const shown = (path: string, summary: string, read: () => unknown): ControlRoute =>
    route({ method: 'GET', path, summary: `LiteLLM: ${summary}`, handle: () => ({ json: read() }) });
  const inFile = (method: 'POST' | 'PATCH', path: string): ControlRoute =>
    route({
      method,
      path,
      summary: 'LiteLLM: not offered, the configuration is changed in its file',
      body: z.looseObject({}),
      handle: () => {
        throw new PlatformError('not_supported', { message: 'change config.yaml: it is in force within a moment, or refused whole' });
      },
    });
  const passThrough = () =>
    ports.rules().passThrough.map(({ path, target, headers, subpaths, usdPerRequest, methods }) => ({
      id: path,
      path,
      target,
      // Their values are secrets.
      headers: Object.fromEntries(Object.keys(headers).map((name) => [name, '****'])),
      include_subpath: subpaths,
      cost_per_request: usdPerRequest,
      auth: true,
      methods,
    }));
  const callbacks = { success: [], failure: [], success_and_failure: [] };

  return [
    shown('/config/pass_through_endpoint', 'pass-through endpoints, without the values of their headers', () => ({ endpoints: passThrough() })),
    shown('/get/internal_user_settings', 'what a user gets where nothing is said', () => ({ values: ports.rules().defaults.user, schema: {} })),
    shown('/get/default_team_settings', 'what a team gets where nothing is said', () => ({ values: ports.rules().defaults.team, schema: {} })),
    shown('/callbacks/list', 'callbacks; none is called', () => callbacks),
    shown('/get/config/callbacks', 'callbacks; none is called', () => ({ status: 'success', callbacks: [], alerts: [], router_settings: {} })),
    shown('/router/settings', 'the strategies of the routes', () => ({
      current_values: Object.fromEntries(
        ports.registry.list('Route').map(({ metadata, spec }) => [
          metadata.annotations?.['litellm.ai/model-name'] ?? metadata.name,
          {
            routing_strategy: spec.strategy,
            num_retries: spec.retries.attempts,
            allowed_fails: spec.health.allowedFails,
            cooldown_time: spec.health.cooldown,
          },
        ]),
      ),
    })),
    inFile('POST', '/config/update'),
    inFile('POST', '/config/field/update'),
    inFile('POST', '/config/field/delete'),
    inFile('POST', '/config/pass_through_endpoint'),
    inFile('PATCH', '/update/internal_user_settings'),
    inFile('PATCH', '/update/default_team_settings'),
  ];
}
