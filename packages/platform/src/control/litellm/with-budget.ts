import { PlatformError } from '@maru/api/errors';
import { keptFields } from './kept-fields.ts';
import { MONEY_FIELDS } from './money-fields.ts';
import type { LitellmPorts } from './ports.ts';

/** Accounts that hold the figures of a budget that others refer to; nothing is ever charged to them. */
const LEVEL = 'project';
export const budgetAccount = (budgetId: string) => ({ level: LEVEL, name: `litellm-budget/${budgetId}` }) as const;

/** Accounts that only keep something for this API, and belong to nobody. */
export const isInternal = (name: string): boolean => name.startsWith('litellm-budget/') || name.startsWith('litellm-credential/');

/** The budget of an id, as it was written. Throws `not_found`. */
export async function readBudget(ledger: LitellmPorts['ledger'], budgetId: string): Promise<Readonly<Record<string, unknown>>> {
  const { level, name } = budgetAccount(budgetId);
  const account = await ledger.getAccount(level, name);
  if (account === undefined) throw new PlatformError('not_found', { message: `there is no budget "${budgetId.slice(0, 100)}"` });
  return keptFields(account.metadata);
}

/** What is said about something, with the figures of the budget that it refers to where it says none of its own. Throws `not_found`. */
export async function withBudget<Said extends Readonly<Record<string, unknown>>>(ports: LitellmPorts, said: Said): Promise<Said & Record<string, unknown>> {
  const id = said['budget_id'];
  if (typeof id !== 'string') return said;
  const budget = await readBudget(ports.ledger, id);
  const figures = MONEY_FIELDS.flatMap((name) => (said[name] === undefined || said[name] === null ? [[name, budget[name] ?? null] as const] : []));
  return { ...said, ...Object.fromEntries(figures) };
}
