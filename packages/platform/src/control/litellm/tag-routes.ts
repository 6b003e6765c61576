import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import { TAG } from './account-kinds.ts';
import { accountDesk } from './account-store.ts';
import { dailyActivity } from './daily-activity.ts';
import { moneyShape } from './money-fields.ts';
import type { LitellmPorts } from './ports.ts';

const name = z.string().min(1).max(256);
const body = z.looseObject({
  ...moneyShape,
  name,
  description: z.string().nullish(),
  models: z.array(z.string()).nullish(),
  budget_id: z.string().min(1).nullish(),
});

/** `/tag/*`: budgets and limits of requests that carry a tag. */
export function tagRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const tags = accountDesk(ports, TAG);
  const write = (path: string, options: { readonly isNew: boolean }): ControlRoute =>
    route({
      method: 'POST',
      path,
      summary: options.isNew ? 'LiteLLM: make a tag with a budget' : 'LiteLLM: change a tag; what is left out stays',
      body,
      handle: async ({ body: said }) => {
        const there = await ports.ledger.getAccount('tag', said.name);
        if (options.isNew && there !== undefined) throw new PlatformError('conflict', { message: `there is a tag "${said.name}" already` });
        if (!options.isNew) await tags.read(said.name);
        const shown = await tags.show(await tags.write(said.name, said));
        return { json: { message: `Tag ${said.name} ${options.isNew ? 'created' : 'updated'} successfully`, tag: shown } };
      },
    });

  return [
    write('/tag/new', { isNew: true }),
    write('/tag/update', { isNew: false }),
    route({
      method: 'POST',
      path: '/tag/info',
      summary: 'LiteLLM: read tags by their names',
      body: z.looseObject({ names: z.array(name).min(1).max(1000) }),
      handle: async ({ body: { names } }) => {
        const shown = await tags.showAll(await Promise.all(names.map(tags.read)));
        return { json: Object.fromEntries(shown.map((tag) => [tag['name'], tag])) };
      },
    }),
    route({
      method: 'GET',
      path: '/tag/list',
      summary: 'LiteLLM: list tags',
      handle: async () => ({ json: await tags.showAll(await tags.list()) }),
    }),
    route({
      method: 'POST',
      path: '/tag/delete',
      summary: 'LiteLLM: delete a tag; requests may go on carrying it',
      body: z.looseObject({ name }),
      handle: async ({ body: said }) => {
        await tags.remove([said.name]);
        return { json: { message: `Tag ${said.name} deleted successfully` } };
      },
    }),
    route({
      method: 'GET',
      path: '/tag/distinct',
      summary: 'LiteLLM: every tag that a charged request has carried',
      handle: async () => ({
        json: { results: (await ports.ledger.accountSpend({ prefix: 'tag/' })).map((row) => ({ tag: row.id.slice('tag/'.length) })) },
      }),
    }),
    route({
      method: 'GET',
      path: '/tag/daily/activity',
      summary: 'LiteLLM: requests, tokens and spend of tags per day',
      query: z.looseObject({ start_date: z.string(), end_date: z.string(), tags: z.string().optional() }),
      handle: async ({ query }) => {
        const names = query.tags?.split(',') ?? (await ports.ledger.accountSpend({ prefix: 'tag/' })).map((row) => row.id.slice('tag/'.length));
        return { json: await dailyActivity(ports, { ...query, ids: names.map((tag) => `tag/${tag.trim()}`) }) };
      },
    }),
  ];
}
