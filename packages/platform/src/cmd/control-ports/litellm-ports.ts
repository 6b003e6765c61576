import { ZERO_USAGE } from '@maru/api/records';
import type { EndpointState } from '@maru/api/wire';
import { readVariable } from '#config';
import type { LitellmPorts } from '#control';
import type { Ledger } from '#ledger';
import { importLitellm, type Registry } from '#resources';
import type { Clock, Ids } from '#time';
import type { EnginePool } from '../engine-pool.ts';
import { priceQueryOf } from '../ledger-ports.ts';
import type { RulesInForce } from '../litellm-rules.ts';

export interface LitellmPortsOptions {
  readonly ledger: Ledger;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly version: string;
  readonly pool: EnginePool;
  readonly endpoints: () => readonly EndpointState[];
  readonly rules: RulesInForce;
}

/** The admin API in LiteLLM's shapes, over the same rooms as the control API. */
export const litellmPorts = (options: LitellmPortsOptions): LitellmPorts => ({
  ...options,
  rules: options.rules.read,
  problemOf(model) {
    const problem = options.pool.problemOf(model);
    if (problem !== undefined) return problem;
    const endpoints = options.endpoints().filter((endpoint) => endpoint.model === model);
    return endpoints.some((endpoint) => endpoint.state === 'ready') ? undefined : 'its endpoints rest after failures';
  },
  async recordSpend({ keyId, tenant = 'default', usd }) {
    if (usd <= 0) return;
    const known = keyId === undefined ? undefined : await options.ledger.principalOf(keyId);
    const { limits: _limits, ...principal } = known ?? { keyId: 'litellm-import', tenant, name: 'spent before', admin: true };
    const reservation = await options.ledger.admit({ ...principal, admin: true }, { requestedModel: 'litellm', estimate: ZERO_USAGE, prices: [] });
    options.ledger.settle(reservation, {
      requestId: options.ids.next('req'),
      traceId: options.ids.traceId(),
      model: 'litellm',
      endpoint: 'litellm',
      provider: 'litellm',
      servedName: 'spent before',
      simulated: false,
      // One token at the price of all: money is what is carried over, tokens are not.
      usage: { ...ZERO_USAGE, inputTokens: 1 },
      price: { inputUsdPerMillion: usd * 1e6, outputUsdPerMillion: 0 },
      outcome: 'ok',
    });
  },
  costNanoUsd(model, usage) {
    const resource = options.registry.get('Model', model);
    const [provider = '', ...rest] = model.includes('/') ? model.split('/') : ['openai', model];
    const query = resource === undefined ? { provider, model: rest.join('/') } : priceQueryOf(resource);
    return options.ledger.priceOf(usage, query).costNanoUsd;
  },
  async importModel(entry, credentials) {
    const list = credentials.map(({ name, values }) => ({ credential_name: name, credential_values: values }));
    const imported = await importLitellm(JSON.stringify({ model_list: [entry], credential_list: list }), { file: 'model', environment: readVariable });
    return { ...imported, warnings: imported.warnings.filter((warning) => warning.includes(': model_list')) };
  },
});
