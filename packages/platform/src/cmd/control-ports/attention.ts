import type { Attention, BudgetState, EndpointState, KnowledgeBaseInfo } from '@maru/api/wire';
import type { Registry } from '#resources';

export interface AttentionFacts {
  readonly budgets: readonly BudgetState[];
  readonly endpoints: readonly EndpointState[];
  readonly knowledge: readonly KnowledgeBaseInfo[];
  readonly failedEvaluations: readonly { readonly name: string; readonly runId: string; readonly reason: string }[];
  readonly registry: Registry;
  readonly unpriced: number;
}

/** Points of hit rate between expected and realised that are worth a look. */
const HIT_GAP = 0.15;
const LEAST_REQUESTS = 20;

/** What a person should look at, the worst first. */
export function attentionOf(facts: AttentionFacts): Attention[] {
  const found = [
    ...ofBudgets(facts.budgets),
    ...ofEndpoints(facts.endpoints),
    ...ofKnowledge(facts.knowledge),
    ...ofEvaluations(facts.failedEvaluations),
    ...ofResources(facts.registry),
  ];
  if (facts.unpriced > 0) found.push({ level: 'warn', code: 'price-unknown', facts: { requests: facts.unpriced }, href: '/costs?by=model' });
  return found.sort((left, right) => (left.level === right.level ? 0 : left.level === 'error' ? -1 : 1));
}

const ofBudgets = (budgets: readonly BudgetState[]): Attention[] =>
  budgets.flatMap((budget): Attention[] => {
    const share = budget.limitNanoUsd === 0 ? 1 : budget.spentNanoUsd / budget.limitNanoUsd;
    const facts = { owner: budget.owner, percent: Math.round(share * 100), window: budget.window };
    if (share >= 1) return [{ level: 'error', code: 'budget-spent', facts, href: '/costs?by=tenant' }];
    return share * 100 >= budget.warnAtPercent ? [{ level: 'warn', code: 'budget-near', facts, href: '/costs?by=tenant' }] : [];
  });

const ofEndpoints = (endpoints: readonly EndpointState[]): Attention[] =>
  endpoints.flatMap((endpoint): Attention[] => {
    const href = `/models?id=${encodeURIComponent(endpoint.model)}`;
    if (endpoint.state === 'cooling') return [{ level: 'error', code: 'endpoint-cooling', facts: { endpoint: endpoint.endpoint }, href }];
    const { expectedHit, realisedHit } = endpoint;
    if (expectedHit === null || realisedHit === null || endpoint.requests < LEAST_REQUESTS || expectedHit - realisedHit < HIT_GAP) return [];
    return [{ level: 'warn', code: 'hit-below-expected', facts: { endpoint: endpoint.endpoint, points: Math.round((expectedHit - realisedHit) * 100) }, href }];
  });

const ofKnowledge = (bases: readonly KnowledgeBaseInfo[]): Attention[] =>
  bases
    .filter((base) => base.failed > 0)
    .map((base) => ({ level: 'warn', code: 'documents-unreadable', facts: { base: base.name, documents: base.failed }, href: `/knowledge/${base.name}` }));

const ofEvaluations = (failed: AttentionFacts['failedEvaluations']): Attention[] =>
  failed.map(({ name, runId, reason }) => ({
    level: 'error',
    code: 'evaluation-failed',
    facts: { evaluation: name, reason },
    href: `/evaluations/${name}?run=${runId}`,
  }));

const ofResources = (registry: Registry): Attention[] =>
  registry.all().flatMap(({ resource }): Attention[] => {
    const { kind, metadata } = resource;
    const status = registry.status(kind, metadata.name);
    if (status?.phase !== 'Failed') return [];
    return [
      {
        level: 'error',
        code: 'resource-failed',
        facts: { resource: `${kind}/${metadata.name}`, reason: status.message ?? '' },
        href: `/resources/${kind}/${metadata.name}`,
      },
    ];
  });
