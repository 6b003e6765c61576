import { PlatformError } from '@maru/api/errors';
import type { Account } from './account.ts';
import type { AccountFilters, AccountPlace, AccountStore } from './account-store.ts';

export interface AccountPageQuery {
  readonly filters?: AccountFilters | undefined;
  /** From the previous page. */
  readonly cursor?: string | undefined;
  /** 1 to 500; 100 where absent. */
  readonly limit?: number | undefined;
}

export interface AccountPage {
  /** Resources first, then those of the API in the order in which they were made. */
  readonly accounts: readonly Account[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

const MAX_LIMIT = 500;

/** One page of the tree; accounts that are made in between do not shift the pages. */
export async function pageAccounts(
  tree: { readonly resources: ReadonlyMap<string, Account>; readonly store: AccountStore },
  query: AccountPageQuery = {},
): Promise<AccountPage> {
  const { resources, store } = tree;
  const filters = query.filters ?? {};
  const limit = Math.min(MAX_LIMIT, Math.max(1, Math.trunc(query.limit ?? 100)));
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const first = after?.createdMs === undefined ? [...resources.values()].filter((account) => passes(account, filters)) : [];
  const from = after === undefined || after.createdMs !== undefined ? 0 : first.findIndex((account) => account.id === after.id) + 1;
  const items = first.slice(from, from + limit);
  if (from + limit < first.length) return page(items);
  const place = after?.createdMs === undefined ? undefined : { createdMs: after.createdMs, id: after.id };
  const found = await store.list(filters, { after: place, limit: limit - items.length + 1 });
  const own = found.slice(0, limit - items.length);
  const all = [...items, ...own.filter((account) => !resources.has(account.id))];
  return own.length < found.length ? page(all, own.at(-1) ?? items.at(-1)) : { accounts: all };
}

const page = (accounts: readonly Account[], last = accounts.at(-1)): AccountPage =>
  last === undefined ? { accounts } : { accounts, nextCursor: encodeCursor(last) };

/** Whether a filter lets an account through. */
export function passes({ level, name, spec }: Account, filters: AccountFilters): boolean {
  if (filters.level !== undefined && level !== filters.level) return false;
  if (filters.parent !== undefined && spec.parent !== filters.parent) return false;
  return filters.text === undefined || name.toLowerCase().includes(filters.text.toLowerCase());
}

const encodeCursor = ({ createdMs, id }: Account): string => Buffer.from(`${createdMs ?? 'resource'} ${id}`).toString('base64url');

/** Without a time the cursor stands at a resource. */
function decodeCursor(cursor: string): Omit<AccountPlace, 'createdMs'> & { readonly createdMs: number | undefined } {
  const match = /^(resource|\d{1,15}) (.{1,300})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) throw new PlatformError('invalid_request', { message: 'the cursor is not one that this list has given' });
  return { createdMs: match[1] === 'resource' ? undefined : Number(match[1]), id: match[2] ?? '' };
}
