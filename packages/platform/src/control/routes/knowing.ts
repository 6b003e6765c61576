import { PlatformError } from '@maru/api/errors';
import { documentListSchema, ingestionReplySchema, knowledgeListSchema, passageSchema, searchReplySchema, searchRequestSchema } from '@maru/api/wire';
import type { Clock } from '#time';
import type { ControlPorts } from '../ports.ts';
import { type ControlRoute, route } from '../route.ts';

/** Knowledge bases: documents, ingestion, search. */
export function knowledgeRoutes({ knowledge }: ControlPorts, clock: Clock): readonly ControlRoute[] {
  const name = (params: Readonly<Record<string, string>>): string => params['name'] ?? '';
  return [
    route({
      method: 'GET',
      path: '/api/v1/knowledge',
      summary: 'List knowledge bases',
      reply: knowledgeListSchema,
      handle: async () => ({ json: { items: await knowledge.list() } }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/knowledge/:name/documents',
      summary: 'List the documents of a knowledge base',
      reply: documentListSchema,
      handle: async ({ params }) => ({ json: { items: await knowledge.documents(name(params)) } }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/knowledge/:name/search',
      summary: 'Search passages',
      access: 'key',
      body: searchRequestSchema,
      reply: searchReplySchema,
      handle: async ({ params, body, signal }) => {
        const startMs = clock.monotonicMs();
        const passages = await knowledge.search(name(params), body, signal);
        return { json: { passages, tookMs: Math.round((clock.monotonicMs() - startMs) * 100) / 100 } };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/knowledge/:name/passages/:id',
      summary: 'Read one passage',
      access: 'key',
      reply: passageSchema,
      handle: async ({ params }) => {
        const passage = await knowledge.passage(name(params), params['id'] ?? '');
        if (passage === undefined) throw new PlatformError('not_found', { message: `there is no passage "${params['id']}" in "${name(params)}"` });
        return { json: passage };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/knowledge/:name/ingestions',
      summary: 'Read the documents again',
      reply: ingestionReplySchema,
      handle: async ({ params }) => ({ json: { run: await knowledge.ingest(name(params)) }, status: 202 }),
    }),
  ];
}
