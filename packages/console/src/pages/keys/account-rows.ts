import type { AccountInfo } from '@maru/api/wire';

/** An account with its depth in the tree. */
export interface AccountRow {
  readonly account: AccountInfo;
  readonly depth: number;
}

/** Accounts from the roots down, each under its parent, in the order in which they came; one whose parent is not there stands at the top. */
export function accountRows(accounts: readonly AccountInfo[]): readonly AccountRow[] {
  const known = new Set(accounts.map((account) => account.id));
  const below = Map.groupBy(accounts, (account) => (account.parent !== null && known.has(account.parent) ? account.parent : null));
  const rows: AccountRow[] = [];
  const add = (parent: string | null, depth: number): void => {
    for (const account of below.get(parent) ?? []) {
      rows.push({ account, depth });
      add(account.id, depth + 1);
    }
  };
  add(null, 0);
  return rows;
}
