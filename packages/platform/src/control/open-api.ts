import { z } from 'zod';
import type { ControlRoute } from './route.ts';

/** The OpenAPI 3.1 document, made of the very schemas that check the calls. */
export function openApiDocument(routes: readonly ControlRoute[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace(/\/:([a-zA-Z]+)/g, '/{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Maru control API', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' }, session: { type: 'apiKey', in: 'cookie', name: 'maru_session' } } },
    security: [{ key: [] }, { session: [] }],
  };
}

function operationOf(route: ControlRoute): Record<string, unknown> {
  const parameters = [
    ...[...route.path.matchAll(/\/:([a-zA-Z]+)/g)].map((match) => ({ name: match[1], in: 'path', required: true, schema: { type: 'string' } })),
    ...queryParameters(route.query),
  ];
  const content = (schema: z.ZodType, io: 'input' | 'output') => ({ 'application/json': { schema: toJsonSchema(schema, io) } });
  return {
    summary: route.summary,
    operationId: `${route.method.toLowerCase()}${route.path.replace(/[^a-zA-Z]+([a-zA-Z])/g, (_all, letter: string) => letter.toUpperCase())}`,
    'x-maru-access': route.access,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: { required: true, content: content(route.body, 'input') } }),
    responses: {
      200: { description: 'done', ...(route.reply === undefined ? {} : { content: content(route.reply, 'output') }) },
      default: { description: 'an error of the catalogue', content: { 'application/json': { schema: ERROR_SCHEMA } } },
    },
  };
}

const ERROR_SCHEMA = {
  type: 'object',
  properties: {
    error: { type: 'object', properties: { code: { type: 'string' }, message: { type: 'string' }, type: { type: 'string' } }, required: ['code', 'message'] },
  },
  required: ['error'],
};

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): unknown {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

function queryParameters(query: z.ZodType | undefined): readonly Record<string, unknown>[] {
  if (!(query instanceof z.ZodObject)) return [];
  const { properties = {}, required = [] } = toJsonSchema(query, 'input') as { properties?: Record<string, unknown>; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }));
}
