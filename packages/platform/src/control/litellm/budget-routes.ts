import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import { CUSTOMER, ORGANIZATION, TEAM, USER } from './account-kinds.ts';
import { accountDesk } from './account-store.ts';
import { keptFields, toTime } from './kept-fields.ts';
import { type KeyBody, toKeySettings } from './key-body.ts';
import { keptOf, MONEY_FIELDS, moneyShape } from './money-fields.ts';
import type { LitellmPorts } from './ports.ts';
import { budgetAccount, readBudget, withBudget } from './with-budget.ts';

const budgetId = z.string().min(1).max(200);
const bodySchema = z.looseObject({ ...moneyShape, budget_id: budgetId.nullish() });

/** `/budget/*`: figures under a name, which keys, users, teams, organisations and customers refer to. */
export function budgetRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const { ledger, clock } = ports;
  const show = async (id: string): Promise<Record<string, unknown>> => {
    const { level, name } = budgetAccount(id);
    const account = await ledger.getAccount(level, name);
    const none = Object.fromEntries(MONEY_FIELDS.map((field) => [field, null]));
    return { ...none, ...(await readBudget(ledger, id)), budget_id: id, created_at: toTime(account?.createdMs), updated_at: toTime(account?.updatedMs) };
  };
  const write = async (id: string, body: Readonly<Record<string, unknown>>, before: Readonly<Record<string, unknown>>): Promise<void> => {
    await ledger.putAccount({ ...budgetAccount(id), metadata: { litellm: { ...before, ...keptOf(body, MONEY_FIELDS) } } });
  };

  /** Everything that refers to the budget gets its new figures. */
  const spread = async (id: string): Promise<void> => {
    for (const kind of [TEAM, USER, ORGANIZATION, CUSTOMER]) {
      const desk = accountDesk(ports, kind);
      for (const account of await desk.list())
        if (account.source === 'api' && keptFields(account.metadata)['budget_id'] === id) await desk.write(account.name, {});
    }
    for (const key of await ledger.listKeys()) {
      const kept = keptFields(key.metadata);
      if (kept['budget_id'] !== id) continue;
      const { budgets, limits } = toKeySettings((await withBudget(ports, kept)) as KeyBody, clock.nowMs());
      await ledger.updateKey(key.id, { budgets: budgets ?? [], limits: limits ?? null });
    }
  };

  return [
    route({
      method: 'POST',
      path: '/budget/new',
      summary: 'LiteLLM: make a budget',
      body: bodySchema,
      handle: async ({ body }) => {
        const id = body.budget_id ?? ports.ids.next('budget');
        await write(id, body, {});
        return { json: await show(id) };
      },
    }),
    route({
      method: 'POST',
      path: '/budget/update',
      summary: 'LiteLLM: change a budget and everything that refers to it',
      body: z.looseObject({ ...moneyShape, budget_id: budgetId }),
      handle: async ({ body }) => {
        await write(body.budget_id, body, await readBudget(ledger, body.budget_id));
        await spread(body.budget_id);
        return { json: await show(body.budget_id) };
      },
    }),
    route({
      method: 'POST',
      path: '/budget/info',
      summary: 'LiteLLM: read budgets',
      body: z.looseObject({ budgets: z.array(budgetId) }),
      handle: async ({ body }) => ({ json: await Promise.all(body.budgets.map(show)) }),
    }),
    route({
      method: 'GET',
      path: '/budget/list',
      summary: 'LiteLLM: list budgets',
      handle: async () => {
        const { level, name: prefix } = budgetAccount('');
        const names = (await ledger.listAccounts({ level })).map((account) => account.name).filter((name) => name.startsWith(prefix));
        return { json: await Promise.all(names.map((name) => show(name.slice(prefix.length)))) };
      },
    }),
    route({
      method: 'POST',
      path: '/budget/delete',
      summary: 'LiteLLM: delete a budget; what referred to it keeps its figures',
      body: z.looseObject({ id: budgetId }),
      handle: async ({ body }) => {
        const shown = await show(body.id);
        const { level, name } = budgetAccount(body.id);
        await ledger.removeAccount(level, name);
        return { json: shown };
      },
    }),
  ];
}
