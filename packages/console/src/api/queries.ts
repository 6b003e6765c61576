import { isPlatformError } from '@maru/api/errors';
import {
  type AccountInfo,
  accountPageSchema,
  accountSpendSchema,
  agentListSchema,
  budgetListSchema,
  chargePageSchema,
  costsSchema,
  decisionListSchema,
  documentListSchema,
  evaluationListSchema,
  evaluationRunDetailSchema,
  evaluationRunPageSchema,
  formatListSchema,
  keyListSchema,
  knowledgeListSchema,
  overviewSchema,
  pipelineListSchema,
  resourceDetailSchema,
  resourceListSchema,
  runDetailSchema,
  runPageSchema,
  type SPEND_GROUPS,
  savingsSchema,
  servedModelListSchema,
  type TraceDetail,
  traceDetailSchema,
} from '@maru/api/wire';
import { queryOptions } from '@tanstack/react-query';
import { type Range, rangeBounds } from './range.ts';
import { request } from './request.ts';

export type SpendGroup = (typeof SPEND_GROUPS)[number];
const enc = encodeURIComponent;

export const overviewQuery = (range: Range, buckets = 96) =>
  queryOptions({
    queryKey: ['overview', range, buckets],
    queryFn: ({ signal }) => request(overviewSchema, '/api/v1/overview', { query: { ...rangeBounds(range), buckets }, signal }),
  });

export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: async ({ signal }) => (await request(servedModelListSchema, '/api/v1/models', { signal })).items,
});

export const decisionsQuery = (traceId: string) =>
  queryOptions({
    queryKey: ['decisions', traceId],
    queryFn: async ({ signal }) => (await request(decisionListSchema, '/api/v1/decisions', { query: { traceId, limit: 50 }, signal })).items,
  });

/** The last decisions for a public name, or those that chose a model. */
export const recentDecisionsQuery = (filter: { readonly route: string } | { readonly model: string }) =>
  queryOptions({
    queryKey: ['decisions', filter],
    queryFn: async ({ signal }) => (await request(decisionListSchema, '/api/v1/decisions', { query: { ...filter, limit: 20 }, signal })).items,
  });

export const formatsQuery = queryOptions({
  queryKey: ['formats'],
  queryFn: async ({ signal }) => (await request(formatListSchema, '/api/v1/formats', { signal })).items,
});

export const traceQuery = (traceId: string) =>
  queryOptions({
    queryKey: ['trace', traceId],
    queryFn: ({ signal }) => request(traceDetailSchema, `/api/v1/traces/${enc(traceId)}`, { signal }),
  });

export const costsQuery = (by: SpendGroup, range: Range) =>
  queryOptions({
    queryKey: ['costs', by, range],
    queryFn: ({ signal }) => request(costsSchema, '/api/v1/costs', { query: { by, ...rangeBounds(range) }, signal }),
  });

export const savingsQuery = (range: Range) =>
  queryOptions({
    queryKey: ['savings', range],
    queryFn: ({ signal }) => request(savingsSchema, '/api/v1/savings', { query: { ...rangeBounds(range) }, signal }),
  });

/** The trace of an answer; null until its spans are written. */
export const answerTraceQuery = (traceId: string) =>
  queryOptions({
    queryKey: ['answer-trace', traceId],
    queryFn: async ({ signal }): Promise<TraceDetail | null> => {
      try {
        return await request(traceDetailSchema, `/api/v1/traces/${enc(traceId)}`, { signal });
      } catch (error) {
        if (isPlatformError(error, 'not_found')) return null;
        throw error;
      }
    },
  });

export const chargesOfTraceQuery = (traceId: string) =>
  queryOptions({
    queryKey: ['charges', traceId],
    queryFn: async ({ signal }) => (await request(chargePageSchema, '/api/v1/charges', { query: { traceId, limit: 100 }, signal })).items,
  });

export const budgetsQuery = queryOptions({
  queryKey: ['budgets'],
  queryFn: async ({ signal }) => (await request(budgetListSchema, '/api/v1/budgets', { signal })).items,
});

export const evaluationsQuery = queryOptions({
  queryKey: ['evaluations'],
  queryFn: async ({ signal }) => (await request(evaluationListSchema, '/api/v1/evaluations', { signal })).items,
});

export const evaluationRunsQuery = (name: string) =>
  queryOptions({
    queryKey: ['evaluation-runs', name],
    queryFn: async ({ signal }) => (await request(evaluationRunPageSchema, `/api/v1/evaluations/${enc(name)}/runs`, { signal })).items,
  });

export const evaluationRunQuery = (id: string) =>
  queryOptions({
    queryKey: ['evaluation-run', id],
    queryFn: ({ signal }) => request(evaluationRunDetailSchema, `/api/v1/evaluation-runs/${enc(id)}`, { signal }),
  });

export const agentsQuery = queryOptions({
  queryKey: ['agents'],
  queryFn: async ({ signal }) => (await request(agentListSchema, '/api/v1/agents', { signal })).items,
});

export const runsQuery = (filter: { readonly kind?: string; readonly resource?: string; readonly limit?: number }) =>
  queryOptions({
    queryKey: ['runs', filter],
    queryFn: async ({ signal }) => (await request(runPageSchema, '/api/v1/runs', { query: { limit: 50, ...filter }, signal })).items,
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['run', id],
    queryFn: ({ signal }) => request(runDetailSchema, `/api/v1/runs/${enc(id)}`, { signal }),
  });

export const pipelinesQuery = queryOptions({
  queryKey: ['pipelines'],
  queryFn: async ({ signal }) => (await request(pipelineListSchema, '/api/v1/pipelines', { signal })).items,
});

export const knowledgeQuery = queryOptions({
  queryKey: ['knowledge'],
  queryFn: async ({ signal }) => (await request(knowledgeListSchema, '/api/v1/knowledge', { signal })).items,
});

export const documentsQuery = (name: string) =>
  queryOptions({
    queryKey: ['documents', name],
    queryFn: async ({ signal }) => (await request(documentListSchema, `/api/v1/knowledge/${enc(name)}/documents`, { signal })).items,
  });

export const resourcesQuery = queryOptions({
  queryKey: ['resources'],
  queryFn: async ({ signal }) => (await request(resourceListSchema, '/api/v1/resources', { signal })).items,
});

export const resourceQuery = (kind: string, name: string) =>
  queryOptions({
    queryKey: ['resource', kind, name],
    queryFn: ({ signal }) => request(resourceDetailSchema, `/api/v1/resources/${enc(kind)}/${enc(name)}`, { signal }),
  });

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: async ({ signal }) => (await request(keyListSchema, '/api/v1/keys', { signal })).items,
});

/** Every account; a tree of more than so many is cut. */
const MOST_ACCOUNTS = 500;

export const accountsQuery = queryOptions({
  queryKey: ['accounts'],
  queryFn: async ({ signal }) => (await request(accountPageSchema, '/api/v1/accounts', { query: { limit: MOST_ACCOUNTS }, signal })).items,
});

/** Where the money of an account went in the last 30 days. */
export const accountSpendQuery = ({ level, name }: Pick<AccountInfo, 'level' | 'name'>) =>
  queryOptions({
    queryKey: ['account-spend', level, name],
    queryFn: ({ signal }) =>
      request(accountSpendSchema, `/api/v1/accounts/${level}/${enc(name)}/spend`, { query: { by: 'model', ...rangeBounds('30d') }, signal }),
  });
