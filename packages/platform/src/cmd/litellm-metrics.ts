import { nanoToUsd } from '@maru/api/records';
import type { KeyInfo, Ledger } from '#ledger';
import type { Registry } from '#resources';
import type { MetricFamily } from './metric-family.ts';

export interface LitellmMetricsOptions {
  readonly ledger: Ledger;
  readonly registry: Registry;
  /** Calls that run. */
  readonly active: () => number;
  /** Why a Model can not answer now. */
  readonly problemOf: (model: string) => string | undefined;
}

/** Metrics under the names that dashboards of LiteLLM read; none where no deployment came from LiteLLM. */
export async function litellmMetrics({ ledger, registry, active, problemOf }: LitellmMetricsOptions): Promise<readonly MetricFamily[]> {
  const deployments = registry.list('Model').filter((model) => model.metadata.annotations?.['litellm.ai/model-id'] !== undefined);
  if (deployments.length === 0) return [];
  const keys = new Map((await ledger.listKeys()).map((key) => [`key/${key.id}`, key]));
  const rows = (await ledger.accountSpend({ prefix: 'key/', by: ['model'] })).map((row) => ({ ...row, labels: labelsOf(row.id, row.model, keys.get(row.id)) }));
  const counter = (name: string, help: string, value: (row: (typeof rows)[number]) => number): MetricFamily => ({
    name: `${name}_total`,
    help,
    type: 'counter',
    samples: rows.map((row) => ({ labels: row.labels, value: value(row) })),
  });
  const budgets = await ledger.budgetStates();
  const remaining = (scope: 'key' | 'tenant', label: string): MetricFamily['samples'] =>
    budgets
      .filter((budget) => budget.scope === scope && budget.mode === 'hard')
      .map((budget) => ({
        labels: { [label]: scope === 'key' ? tokenOf(budget.owner, keys.get(`key/${budget.owner}`)) : budget.owner, window: budget.window },
        value: nanoToUsd(Math.max(0, budget.limitNanoUsd - budget.spentNanoUsd)),
      }));
  return [
    counter('litellm_spend_metric', 'Spend in US dollars.', (row) => nanoToUsd(row.costNanoUsd)),
    counter('litellm_total_tokens_metric', 'Tokens of prompts and answers.', (row) => row.promptTokens + row.completionTokens),
    counter('litellm_input_tokens_metric', 'Tokens of prompts.', (row) => row.promptTokens),
    counter('litellm_output_tokens_metric', 'Tokens of answers.', (row) => row.completionTokens),
    counter('litellm_proxy_total_requests_metric', 'Requests that were charged.', (row) => row.requests),
    counter('litellm_proxy_failed_requests_metric', 'Requests that were charged and failed.', (row) => row.errors),
    {
      name: 'litellm_remaining_api_key_budget_metric',
      help: 'Dollars left of the budget of a key.',
      type: 'gauge',
      samples: remaining('key', 'hashed_api_key'),
    },
    { name: 'litellm_remaining_team_budget_metric', help: 'Dollars left of the budget of a team.', type: 'gauge', samples: remaining('tenant', 'team') },
    { name: 'litellm_in_flight_requests', help: 'Requests that are being answered.', type: 'gauge', samples: [{ value: active() }] },
    {
      name: 'litellm_deployment_state',
      help: '0 for a deployment that answers, 2 for one that does not.',
      type: 'gauge',
      samples: deployments.map((model) => ({
        labels: { litellm_model_name: model.spec.provider?.model ?? model.metadata.name, model_id: model.metadata.annotations?.['litellm.ai/model-id'] ?? '' },
        value: problemOf(model.metadata.name) === undefined ? 0 : 2,
      })),
    },
  ];
}

function labelsOf(id: string, model: string | undefined, key: KeyInfo | undefined): Record<string, string> {
  return {
    hashed_api_key: tokenOf(id.slice('key/'.length), key),
    api_key_alias: key?.name ?? '',
    model: model ?? '',
    team: key?.tenant ?? '',
    user: key?.user ?? '',
  };
}

const tokenOf = (id: string, key: KeyInfo | undefined): string => {
  const kept = key?.metadata['litellm'];
  const token = typeof kept === 'object' && kept !== null && 'token' in kept ? kept.token : undefined;
  return typeof token === 'string' ? token : id;
};
