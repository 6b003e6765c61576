import { PlatformError } from '@maru/api/errors';
import { KINDS, type Resource, resourceKey } from '@maru/api/resources';
import { applyReplySchema, resourceDetailSchema, resourceListSchema, sourcesStatusSchema, validateReplySchema, yamlBodySchema } from '@maru/api/wire';
import { z } from 'zod';
import { checkSet, type LoadedResource, parseResources, problemsError, type Registry, referencesOf, type StoredResource } from '#resources';
import type { ControlPorts } from '../ports.ts';
import { type ControlRoute, route } from '../route.ts';

/** `/api/v1/resources`: what is in force, and changes of it. */
export function resourceRoutes({ registry, sources }: ControlPorts): readonly ControlRoute[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/sources',
      summary: 'The files that the resources come from, what their last change did, and what of them is not taken over',
      reply: sourcesStatusSchema,
      handle: () => ({ json: sources() }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/resources',
      summary: 'List resources',
      query: z.object({ kind: z.enum(Object.keys(KINDS)).optional() }),
      reply: resourceListSchema,
      handle: ({ query }) => ({
        json: {
          items: registry
            .all()
            .filter((entry) => query.kind === undefined || entry.resource.kind === query.kind)
            .map((entry) => present(registry, entry)),
        },
      }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/resources/:kind/:name',
      summary: 'Read one resource, its text, and its neighbours',
      reply: resourceDetailSchema,
      handle: ({ params }) => {
        const [kind = '', name = ''] = [params['kind'], params['name']];
        const entry = registry.stored(kind, name);
        if (entry === undefined) throw new PlatformError('not_found', { message: `there is no ${kind} called "${name}"` });
        return { json: { resource: present(registry, entry), yaml: entry.yaml, uses: usesOf(registry, entry.resource), usedBy: registry.usersOf(kind, name) } };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/resources:validate',
      summary: 'Check YAML against the schemas and against what is in force, without changing anything',
      body: yamlBodySchema,
      reply: validateReplySchema,
      handle: ({ body }) => {
        const parsed = parseResources(body.yaml);
        const problems = [...parsed.problems, ...checkSet(withCurrent(registry, parsed.resources)).filter((problem) => problem.file === null)];
        return { json: { valid: problems.length === 0, problems } };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/resources:apply',
      summary: 'Create or change resources, all or none',
      body: yamlBodySchema,
      reply: applyReplySchema,
      handle: async ({ body }) => {
        const parsed = parseResources(body.yaml);
        if (parsed.problems.length > 0) throw problemsError(parsed.problems);
        if (parsed.resources.length === 0) throw new PlatformError('invalid_request', { message: 'body.yaml: there is no resource in it' });
        const { created, changed, unchanged } = await registry.apply(parsed.resources);
        return { json: { created, changed, unchanged } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/resources/:kind/:name',
      summary: 'Delete a resource that nothing refers to',
      handle: async ({ params }) => {
        await registry.delete(params['kind'] ?? '', params['name'] ?? '');
        return { empty: true };
      },
    }),
  ];
}

function present(registry: Registry, entry: StoredResource): Resource {
  const status = registry.status(entry.resource.kind, entry.resource.metadata.name);
  return { ...entry.resource, metadata: { ...entry.resource.metadata, generation: entry.generation }, ...(status === undefined ? {} : { status }) };
}

const usesOf = (registry: Registry, resource: Resource): string[] =>
  referencesOf(resource).map(
    (reference) => `${reference.kind.find((kind) => registry.stored(kind, reference.name) !== undefined) ?? reference.kind[0]}/${reference.name}`,
  );

/** The set as it would be: what is in force carries a file name here, so that only problems of the given text are told. */
function withCurrent(registry: Registry, given: readonly LoadedResource[]): LoadedResource[] {
  const replaced = new Set(given.map((entry) => resourceKey(entry.resource)));
  const current = registry.all().filter((entry) => !replaced.has(resourceKey(entry.resource)));
  return [
    ...current.map((entry) => ({ resource: entry.resource, yaml: entry.yaml, file: entry.file ?? 'current', placeOf: () => ({ line: 1, column: 1 }) })),
    ...given,
  ];
}
