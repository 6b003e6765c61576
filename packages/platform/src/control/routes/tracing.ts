import { PlatformError } from '@maru/api/errors';
import { newScoreSchema, traceDetailSchema, tracePageSchema } from '@maru/api/wire';
import { z } from 'zod';
import type { Clock } from '#time';
import type { ControlPorts, ForeignReply, ForeignRequest } from '../ports.ts';
import { numberQuery, pageQuery, rangeOf, rangeQuery } from '../query.ts';
import { type ControlCall, type ControlReply, type ControlRoute, route } from '../route.ts';

const filterQuery = z.object({
  ...rangeQuery,
  ...pageQuery,
  name: z.string().optional(),
  session: z.string().optional(),
  user: z.string().optional(),
  tenant: z.string().optional(),
  model: z.string().optional(),
  status: z.enum(['ok', 'error']).optional(),
  minDurationMs: numberQuery.optional(),
  text: z.string().max(500).optional(),
});

/** Traces and scores, and the ingest of OTLP and Langfuse. */
export function tracingRoutes({ traces }: ControlPorts, clock: Clock): readonly ControlRoute[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/traces',
      summary: 'List traces, newest first',
      query: filterQuery,
      reply: tracePageSchema,
      handle: async ({ query }) => ({ json: await traces.list(query) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/traces/:traceId',
      summary: 'Read one trace with its spans and scores',
      reply: traceDetailSchema,
      handle: async ({ params }) => {
        const trace = await traces.get(params['traceId'] ?? '');
        if (trace === undefined) throw new PlatformError('not_found', { message: `there is no trace "${params['traceId']}"` });
        return { json: trace };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/traffic',
      summary: 'Export recorded calls of models as lines for the simulator: lengths and which prompts begin alike, no text',
      query: z.object({ ...rangeQuery, sinceMs: numberQuery.positive().optional(), model: z.string().min(1).optional(), tenant: z.string().min(1).optional() }),
      handle: ({ query: { sinceMs, model, tenant, ...range }, signal }) => {
        const { fromMs, toMs } = rangeOf(range, clock.nowMs());
        const parts = traces.exportTraffic({ fromMs: range.fromMs ?? (sinceMs === undefined ? fromMs : toMs - sinceMs), toMs, model, tenant, signal });
        return { contentType: 'application/jsonl; charset=utf-8', parts };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/scores',
      summary: 'Give a trace, span or session a score',
      access: 'key',
      body: newScoreSchema,
      handle: async ({ body, principal }) => ({ json: await traces.addScore(body, principal.tenant), status: 201 }),
    }),
    ingest('/v1/traces', 'Take in OpenTelemetry spans (OTLP/HTTP, protobuf or JSON)', traces.ingestOtlp),
    ingest('/api/public/otel/v1/traces', 'Take in spans of Langfuse SDKs (OTLP/HTTP)', traces.ingestOtlp),
    ingest('/api/public/ingestion', 'Take in events of Langfuse SDKs', traces.ingestLangfuse),
    ingest('/api/public/scores', 'Take in a score of Langfuse SDKs', traces.ingestLangfuseScore),
    route({
      method: 'GET',
      path: '/api/public/health',
      summary: 'Tell Langfuse SDKs that the server is well',
      access: 'key',
      handle: () => ({ json: { status: 'OK', version: '3.0.0' } }),
    }),
    route({
      method: 'GET',
      path: '/api/public/projects',
      summary: 'Name the project of the key to Langfuse SDKs',
      access: 'key',
      handle: ({ principal }) => ({ json: { data: [{ id: principal.tenant, name: principal.tenant, metadata: {} }] } }),
    }),
  ];
}

const ingest = (path: string, summary: string, take: (request: ForeignRequest, tenant: string) => Promise<ForeignReply>): ControlRoute =>
  route({ method: 'POST', path, summary, access: 'key', foreign: true, handle: async (call) => toReply(await take(toForeign(call), call.principal.tenant)) });

const toForeign = ({ raw, request }: ControlCall<unknown, unknown>): ForeignRequest => ({
  body: raw,
  contentType: String(request.headers['content-type'] ?? ''),
  encoding: String(request.headers['content-encoding'] ?? ''),
});

const toReply = (reply: ForeignReply): ControlReply => ({ status: reply.status, contentType: reply.contentType, bytes: reply.body });
