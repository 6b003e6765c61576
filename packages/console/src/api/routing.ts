import { calibrationSchema, decisionDetailSchema, decisionListSchema, type LocateRequest, prefixPlacesSchema, routingSchema } from '@maru/api/wire';
import { queryOptions } from '@tanstack/react-query';
import { type Range, rangeBounds } from './range.ts';
import { request } from './request.ts';

const enc = encodeURIComponent;

export const routingQuery = queryOptions({
  queryKey: ['routing'],
  queryFn: ({ signal }) => request(routingSchema, '/api/v1/routing', { signal }),
});

export const calibrationQuery = (range: Range) =>
  queryOptions({
    queryKey: ['calibration', range],
    queryFn: ({ signal }) => request(calibrationSchema, '/api/v1/routing/calibration', { query: { ...rangeBounds(range) }, signal }),
  });

const SHOWN_DECISIONS = 50;

export const latestDecisionsQuery = queryOptions({
  queryKey: ['decisions', 'latest'],
  queryFn: async ({ signal }) => (await request(decisionListSchema, '/api/v1/decisions', { query: { limit: SHOWN_DECISIONS }, signal })).items,
});

export const decisionQuery = (id: string) =>
  queryOptions({
    queryKey: ['decision', id],
    queryFn: ({ signal }) => request(decisionDetailSchema, `/api/v1/routing/decisions/${enc(id)}`, { signal }),
  });

export const locatePrompt = (body: LocateRequest) => request(prefixPlacesSchema, '/api/v1/routing:locate', { method: 'POST', body });
