import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import { findKey } from './find-key.ts';
import { keptFields } from './kept-fields.ts';
import { toLitellmKey } from './key-shape.ts';
import type { LitellmPorts } from './ports.ts';
import { spendOf } from './spend-of.ts';

/** Further ways to look at keys. */
export function keyMoreRoutes({ ledger }: LitellmPorts): readonly ControlRoute[] {
  return [
    route({
      method: 'POST',
      path: '/v2/key/info',
      summary: 'LiteLLM: read several keys',
      body: z.looseObject({ keys: z.array(z.string().min(1)).max(1000) }),
      handle: async ({ body }) => {
        const found = await Promise.all(body.keys.map((name) => findKey(ledger, name)));
        const spent = await spendOf(
          ledger,
          found.map((key) => `key/${key.id}`),
        );
        return { json: { key: body.keys, info: found.map((key) => toLitellmKey(key, spent(`key/${key.id}`))) } };
      },
    }),
    route({
      method: 'GET',
      path: '/key/aliases',
      summary: 'LiteLLM: names of keys, page by page',
      query: z.looseObject({
        page: z.coerce.number().int().min(1).default(1),
        size: z.coerce.number().int().min(1).max(1000).default(50),
        search: z.string().optional(),
      }),
      handle: async ({ query }) => {
        const wanted = query.search?.toLowerCase() ?? '';
        const names = (await ledger.listKeys()).filter((key) => key.revokedMs === undefined).map((key) => key.name);
        const all = [...new Set(names)].filter((name) => name.toLowerCase().includes(wanted)).sort();
        const aliases = all.slice((query.page - 1) * query.size, query.page * query.size);
        return {
          json: { aliases, total_count: all.length, current_page: query.page, total_pages: Math.ceil(all.length / query.size), size: query.size },
        };
      },
    }),
    route({
      method: 'POST',
      path: '/key/health',
      summary: 'LiteLLM: whether the key of the request may be used; no foreign callback is asked',
      access: 'key',
      handle: () => ({ json: { key: 'healthy', logging_callbacks: null } }),
    }),
    route({
      method: 'POST',
      path: '/key/:key/reset_spend',
      summary: 'LiteLLM: not offered, charges stay as they are',
      body: z.looseObject({}),
      handle: () => {
        throw new PlatformError('not_supported', { message: 'charges are never changed; a budget begins again with its window' });
      },
    }),
    route({
      method: 'GET',
      path: '/spend_logs/users',
      summary: 'LiteLLM: users that keys belong to',
      handle: async () => ({ json: [...new Set((await ledger.listKeys()).flatMap((key) => key.user ?? keptFields(key.metadata)['user_id'] ?? []))] }),
    }),
  ];
}
