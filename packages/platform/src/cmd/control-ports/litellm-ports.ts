import type { EndpointState } from '@maru/api/wire';
import { readVariable } from '#config';
import type { LitellmPorts } from '#control';
import type { Ledger } from '#ledger';
import { importLitellm, type Registry } from '#resources';
import type { Clock, Ids } from '#time';
import type { EnginePool } from '../engine-pool.ts';

export interface LitellmPortsOptions {
  readonly ledger: Ledger;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly version: string;
  readonly pool: EnginePool;
  readonly endpoints: () => readonly EndpointState[];
}

/** The admin API in LiteLLM's shapes, over the same rooms as the control API. */
export const litellmPorts = (options: LitellmPortsOptions): LitellmPorts => ({
  ...options,
  problemOf(model) {
    const problem = options.pool.problemOf(model);
    if (problem !== undefined) return problem;
    const endpoints = options.endpoints().filter((endpoint) => endpoint.model === model);
    return endpoints.some((endpoint) => endpoint.state === 'ready') ? undefined : 'its endpoints rest after failures';
  },
  async importModel(entry) {
    const imported = await importLitellm(JSON.stringify({ model_list: [entry] }), { file: 'model', environment: readVariable });
    return { ...imported, warnings: imported.warnings.filter((warning) => warning.includes(': model_list')) };
  },
});
