import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import type { KeyInfo } from '#ledger';
import { type ControlRoute, route } from '../route.ts';
import { findKey, findKeyByAlias } from './find-key.ts';
import { keptFields, toTime, withKept } from './kept-fields.ts';
import { type KeyBody, keptOfKey, keyBodySchema, toKeySettings } from './key-body.ts';
import { withDefaults, withinBounds } from './key-rules.ts';
import { tokenOf, toLitellmKey } from './key-shape.ts';
import { toMs } from './money-fields.ts';
import type { LitellmPorts } from './ports.ts';
import { spendOf } from './spend-of.ts';
import { withBudget } from './with-budget.ts';
import { withProject } from './with-project.ts';

const keyOnly = z.looseObject({ key: z.string().min(1) });

/** `/key/*`. */
export function keyRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const { ledger, clock } = ports;
  const show = async (info: KeyInfo): Promise<Record<string, unknown>> => toLitellmKey(info, (await spendOf(ledger, [`key/${info.id}`]))(`key/${info.id}`));

  /** Settings that a change leaves out stay as they are. */
  const change = async (info: KeyInfo, body: Readonly<Record<string, unknown>>): Promise<KeyInfo> => {
    const said = await withBudget(ports, { ...keptFields(info.metadata), ...body });
    const { expiresMs, ...settings } = await withProject(
      ledger,
      { ...said, named: body['project_id'] !== undefined },
      toKeySettings({ user_id: info.user, tags: info.tags === undefined ? undefined : [...info.tags], ...said } as KeyBody, clock.nowMs()),
    );
    return ledger.updateKey(info.id, {
      ...settings,
      ...(body['duration'] === undefined ? {} : { expiresMs: expiresMs ?? null }),
      ...(typeof body['key_alias'] === 'string' ? { name: body['key_alias'] } : {}),
      metadata: withKept(info.metadata, { ...keptOfKey(body), updated_at: toTime(clock.nowMs()) }),
    });
  };

  const regenerate = async (name: string, body: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> => {
    const before = await findKey(ledger, name);
    // What is wrong with the request is said before the old secret goes.
    withinBounds(body, ports.rules().keyBounds, { fill: false });
    const grace = toMs(typeof body['grace_period'] === 'string' ? body['grace_period'] : undefined);
    const { key, secret } = await ledger.rotateKey(before.id, { graceMs: grace ?? 0 });
    const changed = await change(key, { ...body, key: undefined });
    const token = tokenOf(secret);
    const kept = await ledger.updateKey(key.id, { metadata: withKept(changed.metadata, { token }) });
    return { ...(await show(kept)), key: secret };
  };

  const setBlocked = (path: string, blocked: boolean): ControlRoute =>
    route({
      method: 'POST',
      path,
      summary: `LiteLLM: ${blocked ? 'refuse' : 'take'} the requests of a key`,
      body: keyOnly,
      handle: async ({ body }) => ({ json: await show(await ledger.updateKey((await findKey(ledger, body.key)).id, { blocked })) }),
    });

  return [
    route({
      method: 'POST',
      path: '/key/generate',
      summary: 'LiteLLM: make a key',
      body: keyBodySchema,
      handle: async ({ body }) => {
        const { defaults, keyBounds } = ports.rules();
        const asked = withinBounds(withDefaults(body, defaults.key), keyBounds, { fill: true });
        const said = await withBudget(ports, asked);
        const { key: wanted, ...fields } = said as KeyBody;
        const { user, models, limits, tags, ...settings } = await withProject(ledger, { ...fields, named: true }, toKeySettings(fields, clock.nowMs()));
        const name = body.key_alias ?? ports.ids.next('litellm');
        const { key, secret } = await ledger.createKey({
          tenant: settings.tenant ?? 'default',
          name,
          budgets: settings.budgets ?? [],
          blocked: settings.blocked ?? false,
          admin: settings.admin ?? false,
          ...(settings.expiresMs === undefined || settings.expiresMs === null ? {} : { expiresMs: settings.expiresMs }),
          ...(user === null || user === undefined ? {} : { user }),
          ...(models === null || models === undefined ? {} : { models }),
          ...(limits === null || limits === undefined ? {} : { limits }),
          ...(tags === null || tags === undefined ? {} : { tags }),
          ...(wanted === null || wanted === undefined ? {} : { secret: wanted }),
          metadata: withKept({}, keptOfKey(asked)),
        });
        const made = await ledger.updateKey(key.id, { metadata: withKept(key.metadata, { token: tokenOf(secret) }) });
        return { json: { ...(await show(made)), key: secret } };
      },
    }),
    route({
      method: 'GET',
      path: '/key/info',
      summary: 'LiteLLM: read a key; a key may read itself',
      access: 'key',
      query: z.looseObject({ key: z.string().min(1).optional() }),
      handle: async ({ query, principal }) => {
        const own = principal.keyId === 'master' ? undefined : principal.keyId;
        const name = query.key ?? own;
        if (name === undefined) throw new PlatformError('invalid_request', { message: 'name a key: /key/info?key=sk-...' });
        const info = await findKey(ledger, name);
        if (principal.role !== 'admin' && info.id !== principal.keyId) throw new PlatformError('forbidden', { message: 'a key may only read itself' });
        return { json: { key: query.key ?? info.id, info: await show(info) } };
      },
    }),
    route({
      method: 'GET',
      path: '/key/list',
      summary: 'LiteLLM: list keys',
      query: z.looseObject({
        page: z.coerce.number().int().min(1).default(1),
        size: z.coerce.number().int().min(1).max(1000).default(10),
        user_id: z.string().optional(),
        team_id: z.string().optional(),
        key_alias: z.string().optional(),
        key_hash: z.string().optional(),
        return_full_object: z.string().default('false'),
      }),
      handle: async ({ query }) => {
        const all = (await ledger.listKeys({ tenant: query.team_id, user: query.user_id, name: query.key_alias })).filter(
          (info) => info.revokedMs === undefined && (query.key_hash === undefined || keptFields(info.metadata)['token'] === query.key_hash),
        );
        const page = all.slice((query.page - 1) * query.size, query.page * query.size);
        const spent = await spendOf(
          ledger,
          page.map((info) => `key/${info.id}`),
        );
        const shown = page.map((info) => toLitellmKey(info, spent(`key/${info.id}`)));
        return {
          json: {
            keys: query.return_full_object.toLowerCase() === 'true' ? shown : shown.map((key) => key['token']),
            total_count: all.length,
            current_page: query.page,
            total_pages: Math.ceil(all.length / query.size),
          },
        };
      },
    }),
    route({
      method: 'POST',
      path: '/key/update',
      summary: 'LiteLLM: change a key; what is left out stays',
      body: z.looseObject({ ...keyBodySchema.shape, key: z.string().min(1) }),
      handle: async ({ body }) => {
        const asked = withinBounds(body, ports.rules().keyBounds, { fill: false });
        const info = await change(await findKey(ledger, body.key), { ...asked, key: undefined });
        return { json: { key: body.key, ...(await show(info)) } };
      },
    }),
    route({
      method: 'POST',
      path: '/key/delete',
      summary: 'LiteLLM: delete keys by secret, hash or alias',
      body: z.looseObject({ keys: z.array(z.string()).nullish(), key_aliases: z.array(z.string()).nullish() }),
      handle: async ({ body }) => {
        const found = [
          ...(await Promise.all((body.keys ?? []).map((name) => findKey(ledger, name)))),
          ...(await Promise.all((body.key_aliases ?? []).map((alias) => findKeyByAlias(ledger, alias)))),
        ];
        for (const { id } of found) await ledger.deleteKey(id);
        return { json: { deleted_keys: [...(body.keys ?? []), ...(body.key_aliases ?? [])] } };
      },
    }),
    setBlocked('/key/block', true),
    setBlocked('/key/unblock', false),
    route({
      method: 'POST',
      path: '/key/:key/regenerate',
      summary: 'LiteLLM: give a key a new secret',
      body: z.looseObject({}),
      handle: async ({ params, body }) => ({ json: await regenerate(params['key'] ?? '', body) }),
    }),
    route({
      method: 'POST',
      path: '/key/regenerate',
      summary: 'LiteLLM: give a key a new secret',
      body: keyOnly,
      handle: async ({ body }) => ({ json: await regenerate(body.key, body) }),
    }),
  ];
}
