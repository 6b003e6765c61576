import { PlatformError } from '@maru/api/errors';
import type { Tenant } from '@maru/api/resources';
import type { Clock } from '#time';
import { type Account, type AccountLevel, accountId, accountOfTenant, type PutAccountRequest, parseAccountRequest } from './account.ts';
import type { AccountFilters, AccountStore } from './account-store.ts';

/** The tree of accounts: tenants of YAML and accounts of the API. */
export interface Accounts {
  setTenants(tenants: readonly Tenant[]): void;
  /**
   * Makes or replaces an account. Throws `invalid_request`, `reference_missing` for a parent that does not exist, `reference_cycle`,
   * or `conflict` when a Tenant resource has the name: that one is changed by its YAML.
   */
  putAccount(request: PutAccountRequest): Promise<Account>;
  getAccount(level: AccountLevel, name: string): Promise<Account | undefined>;
  /** Resources first, then those of the API in the order in which they were made. */
  listAccounts(filters?: AccountFilters): Promise<readonly Account[]>;
  /** Throws `not_found`, or `conflict` for a Tenant resource and for an account with others below it. Its charges stay. */
  removeAccount(level: AccountLevel, name: string): Promise<void>;
}

export interface AccountsOptions {
  readonly accounts: AccountStore;
  readonly clock: Clock;
}

const MAX_DEPTH = 20;

export function createAccounts({ accounts, clock }: AccountsOptions): Accounts {
  let resources: ReadonlyMap<string, Account> = new Map();

  const read = async (id: string): Promise<Account | undefined> => resources.get(id) ?? (await accounts.byIds([id]))[0];

  const checkParents = async (account: Pick<Account, 'id' | 'spec'>): Promise<void> => {
    const path = [account.id];
    for (let parent = account.spec.parent; parent !== undefined; ) {
      if (path.includes(parent) || path.length > MAX_DEPTH)
        throw new PlatformError('reference_cycle', { message: `the parents of account "${account.id}" form a circle: ${[...path, parent].join(' → ')}` });
      path.push(parent);
      const above = await read(parent);
      if (above === undefined)
        throw new PlatformError('reference_missing', { message: `account "${account.id}" has the parent "${parent}", which does not exist` });
      parent = above.spec.parent;
    }
  };

  const refuseResource = (id: string): void => {
    if (resources.has(id)) throw new PlatformError('conflict', { message: `"${id}" is a Tenant resource: change its YAML` });
  };

  return {
    setTenants(tenants) {
      resources = new Map(tenants.map(accountOfTenant).map((account) => [account.id, account]));
    },
    async putAccount(request) {
      const account = parseAccountRequest(request);
      refuseResource(account.id);
      const [before] = await accounts.byIds([account.id]);
      if (before !== undefined && before.level !== account.level)
        throw new PlatformError('conflict', { message: `"${account.id}" is an account of the level ${before.level}: choose another name` });
      await checkParents(account);
      return accounts.put(account, clock.nowMs());
    },
    getAccount: async (level, name) => {
      const found = await read(accountId(level, name));
      return found?.level === level ? found : undefined;
    },
    async listAccounts(filters = {}) {
      const { level, parent } = filters;
      const fromResources = [...resources.values()].filter(
        (account) => (level === undefined || account.level === level) && (parent === undefined || account.spec.parent === parent),
      );
      const fromApi = await accounts.list(filters);
      return [...fromResources, ...fromApi.filter((account) => !resources.has(account.id))];
    },
    async removeAccount(level, name) {
      const id = accountId(level, name);
      refuseResource(id);
      const below = (await accounts.list({ parent: id }))[0] ?? [...resources.values()].find((account) => account.spec.parent === id);
      if (below !== undefined) throw new PlatformError('conflict', { message: `"${below.id}" stands below "${id}": remove it first` });
      if ((await read(id))?.level !== level || !(await accounts.remove(id)))
        throw new PlatformError('not_found', { message: `there is no account "${name}" of the level ${level}` });
    },
  };
}
