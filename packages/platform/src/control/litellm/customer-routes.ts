import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import { accountBodySchema, blockedOf } from './account-body.ts';
import { CUSTOMER } from './account-kinds.ts';
import { accountDesk } from './account-store.ts';
import type { LitellmPorts } from './ports.ts';

const customerId = z.string().min(1).max(256);
const several = z.looseObject({ user_ids: z.array(customerId) });

/** `/customer/*`, also as `/end_user/*`. */
export function customerRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const customers = accountDesk(ports, CUSTOMER);
  const withId = z.looseObject({ ...accountBodySchema.shape, user_id: customerId });
  const under = (prefix: string): readonly ControlRoute[] => [
    route({
      method: 'POST',
      path: `${prefix}/new`,
      summary: 'LiteLLM: make a customer',
      body: withId,
      handle: async ({ body }) => ({ json: await customers.show(await customers.write(body.user_id, body, blockedOf(body))) }),
    }),
    route({
      method: 'POST',
      path: `${prefix}/update`,
      summary: 'LiteLLM: change a customer; what is left out stays',
      body: withId,
      handle: async ({ body }) => {
        await customers.read(body.user_id);
        return { json: await customers.show(await customers.write(body.user_id, body, blockedOf(body))) };
      },
    }),
    route({
      method: 'GET',
      path: `${prefix}/info`,
      summary: 'LiteLLM: read a customer',
      query: z.looseObject({ end_user_id: customerId }),
      handle: async ({ query }) => ({ json: await customers.show(await customers.read(query.end_user_id)) }),
    }),
    route({
      method: 'GET',
      path: `${prefix}/list`,
      summary: 'LiteLLM: list customers',
      handle: async () => ({ json: await customers.showAll(await customers.list()) }),
    }),
    route({
      method: 'POST',
      path: `${prefix}/delete`,
      summary: 'LiteLLM: delete customers',
      body: several,
      handle: async ({ body }) => {
        const removed = await customers.remove(body.user_ids);
        return { json: { deleted_customers: removed.length, message: `Successfully deleted customers with ids: ${body.user_ids.join(', ')}` } };
      },
    }),
    ...[true, false].map((blocked) =>
      route({
        method: 'POST',
        path: `${prefix}/${blocked ? 'block' : 'unblock'}`,
        summary: `LiteLLM: ${blocked ? 'refuse' : 'take'} the requests of customers`,
        body: several,
        handle: async ({ body }) => {
          const changed = await Promise.all(body.user_ids.map((id) => customers.write(id, {}, { blocked })));
          return { json: { blocked_users: await customers.showAll(changed) } };
        },
      }),
    ),
  ];
  return [...under('/customer'), ...under('/end_user')];
}
