import { PlatformError } from '@maru/api/errors';
import type { Tenant } from '@maru/api/resources';
import type { Clock } from '#time';
import { type Account, type AccountLevel, accountId, accountOfTenant, type PutAccountRequest, parseAccountRequest } from './account.ts';
import { accountBudgets } from './account-quotas.ts';
import { createScope, type Scope } from './account-scope.ts';
import type { AccountFilters, AccountStore } from './account-store.ts';
import type { Budget } from './budget.ts';
import { namedMembers } from './members.ts';
import type { ModelGroups } from './model-list.ts';
import { type AccountPage, type AccountPageQuery, pageAccounts, passes } from './page-accounts.ts';
import { DEFAULT_TENANT, type Principal } from './principal.ts';

/** For whom a request is made. */
interface Subject {
  readonly principal: Principal;
  readonly endUser?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** What a key says of the accounts that hold for it. */
type Caller = Pick<Principal, 'tenant' | 'user' | 'tags'>;

/** The tree of accounts: tenants of YAML and accounts of the API. */
export interface Accounts {
  /** Replaces all tenants. Throws `reference_missing` or `reference_cycle`, and then nothing has changed. */
  setTenants(tenants: readonly Tenant[]): void;
  /** Names for lists of models that hold in every account. */
  setModelGroups(groups: ModelGroups): void;
  /** What holds for a request; undefined while an account has to be read first. Throws `forbidden` when the account of the key is gone. */
  scope(subject: Subject): Scope | undefined;
  /** Whether {@link scope} can say what holds for a key without reading anything. */
  isRead(principal: Principal): boolean;
  /** Reads what {@link scope} needs. */
  load(subject: Subject): Promise<void>;
  /** The accounts that hold for a caller, each before the one above it. */
  accountsOf(caller: Caller): readonly Account[] | Promise<readonly Account[]>;
  /** Reads again what other processes may have changed. */
  refresh(): Promise<void>;
  /** Budgets of tenants and of accounts that are known here. */
  knownBudgets(): readonly Budget[];
  /**
   * Makes or replaces an account. Throws `invalid_request`, `reference_missing` for a parent that does not exist, `reference_cycle`,
   * or `conflict` when a Tenant resource has the name: that one is changed by its YAML.
   */
  putAccount(request: PutAccountRequest): Promise<Account>;
  getAccount(level: AccountLevel, name: string): Promise<Account | undefined>;
  /** Resources first, then those of the API in the order in which they were made. */
  listAccounts(filters?: AccountFilters): Promise<readonly Account[]>;
  /** {@link listAccounts} page by page. Throws `invalid_request` for a foreign cursor. */
  pageAccounts(query?: AccountPageQuery): Promise<AccountPage>;
  /** The accounts above one, from the root down. */
  accountPath(account: Account): Promise<readonly Account[]>;
  /** Whether an account is another one or stands below it. */
  isWithin(id: string, above: string): Promise<boolean>;
  /** Throws `not_found`, or `conflict` for a Tenant resource and for an account with others below it. Its charges stay. */
  removeAccount(level: AccountLevel, name: string): Promise<void>;
}

export interface AccountsOptions {
  readonly accounts: AccountStore;
  readonly clock: Clock;
}

const MAX_DEPTH = 20;
const MAX_KNOWN = 20_000;
const MAX_SCOPES_PER_KEY = 1000;

export function createAccounts({ accounts, clock }: AccountsOptions): Accounts {
  let resources: ReadonlyMap<string, Account> = new Map();
  let groups: ModelGroups = new Map();
  /** Accounts of the API that were asked for; null for those that do not exist. */
  const known = new Map<string, Account | null>();
  // What holds for a key is the same for every request: it is put together once per change of the tree.
  let scopes = new WeakMap<Principal, Map<string, Scope>>();

  const forget = (): void => {
    scopes = new WeakMap();
  };

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

  const remember = (id: string, account: Account | null): void => {
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(id, account);
  };

  /** Calls back with each account that holds for a subject, or returns the id of the first that is not known here. */
  const walk = (subject: Omit<Subject, 'principal'> & { readonly principal: Caller }, visit: (account: Account) => void): string | undefined => {
    const seen = new Set<string>();
    for (const first of idsOf(subject)) {
      for (let id: string | undefined = first; id !== undefined && !seen.has(id); ) {
        seen.add(id);
        const account: Account | null | undefined = resources.get(id) ?? known.get(id);
        if (account === undefined) return id;
        if (account !== null) visit(account);
        id = account?.spec.parent;
      }
    }
    return undefined;
  };

  const load = async (subject: Parameters<typeof walk>[0]): Promise<void> => {
    for (let missing = walk(subject, () => undefined); missing !== undefined; ) {
      const wanted = missing;
      const [account] = await accounts.byIds([wanted]);
      remember(wanted, account ?? null);
      missing = walk(subject, () => undefined);
    }
  };

  return {
    setTenants(tenants) {
      const next = new Map(tenants.map(accountOfTenant).map((account) => [account.id, account]));
      checkTree(next);
      resources = next;
      forget();
    },
    setModelGroups(next) {
      groups = next;
      forget();
    },
    scope(subject) {
      const { principal, endUser } = subject;
      const key = endUser === undefined && subject.tags === undefined ? '' : JSON.stringify([endUser, subject.tags]);
      let ofKey = scopes.get(principal);
      const made = ofKey?.get(key);
      if (made !== undefined) return made;
      const found: Account[] = [];
      if (walk(subject, (account) => found.push(account)) !== undefined) return undefined;
      if (principal.tenant !== DEFAULT_TENANT && !found.some((account) => account.id === principal.tenant))
        throw new PlatformError('forbidden', { message: `the tenant "${principal.tenant}" of the key does not exist: apply it, or use another key` });
      const scope = createScope({ principal, accounts: found, endUser, tags: subject.tags, groups });
      if (ofKey === undefined) {
        ofKey = new Map();
        scopes.set(principal, ofKey);
      }
      if (ofKey.size >= MAX_SCOPES_PER_KEY) ofKey.clear();
      ofKey.set(key, scope);
      return scope;
    },
    isRead: (principal) => scopes.has(principal) || walk({ principal }, () => undefined) === undefined,
    load,
    accountsOf(caller) {
      const found: Account[] = [];
      if (walk({ principal: caller }, (account) => found.push(account)) === undefined) return found;
      return load({ principal: caller }).then(() => {
        const all: Account[] = [];
        walk({ principal: caller }, (account) => all.push(account));
        return all;
      });
    },
    async refresh() {
      if (known.size === 0) return;
      const ids = [...known.keys()];
      const fresh = new Map((await accounts.byIds(ids)).map((account) => [account.id, account]));
      for (const id of ids) {
        const account = fresh.get(id) ?? null;
        const before = known.get(id);
        if (before?.updatedMs === account?.updatedMs) continue;
        known.set(id, account);
        forget();
      }
    },
    knownBudgets: () =>
      [...resources.values(), ...known.values()].flatMap((account) =>
        account === null ? [] : [...accountBudgets(account), ...namedMembers(account).flatMap((member) => member.budgets)],
      ),
    async putAccount(request) {
      const account = parseAccountRequest(request);
      refuseResource(account.id);
      const [before] = await accounts.byIds([account.id]);
      if (before !== undefined && before.level !== account.level)
        throw new PlatformError('conflict', { message: `"${account.id}" is an account of the level ${before.level}: choose another name` });
      await checkParents(account);
      // Two changes within a millisecond are two changes: others see one by its time.
      const stored = await accounts.put(account, Math.max(clock.nowMs(), (before?.updatedMs ?? 0) + 1));
      remember(account.id, stored);
      forget();
      return stored;
    },
    getAccount: async (level, name) => {
      const found = await read(accountId(level, name));
      return found?.level === level ? found : undefined;
    },
    async listAccounts(filters = {}) {
      const fromResources = [...resources.values()].filter((account) => passes(account, filters));
      const fromApi = await accounts.list(filters);
      return [...fromResources, ...fromApi.filter((account) => !resources.has(account.id))];
    },
    pageAccounts: (query) => pageAccounts({ resources, store: accounts }, query),
    async accountPath(account) {
      const path: Account[] = [];
      for (let id = account.spec.parent; id !== undefined && path.length < MAX_DEPTH; ) {
        const above = await read(id);
        if (above !== undefined) path.unshift(above);
        id = above?.spec.parent;
      }
      return path;
    },
    async isWithin(id, above) {
      let at: string | undefined = id;
      for (let depth = 0; at !== undefined && at !== above && depth < MAX_DEPTH; depth += 1) at = (await read(at))?.spec.parent;
      return at === above;
    },
    async removeAccount(level, name) {
      const id = accountId(level, name);
      refuseResource(id);
      const below = (await accounts.list({ parent: id }))[0] ?? [...resources.values()].find((account) => account.spec.parent === id);
      if (below !== undefined) throw new PlatformError('conflict', { message: `"${below.id}" stands below "${id}": remove it first` });
      if ((await read(id))?.level !== level || !(await accounts.remove(id)))
        throw new PlatformError('not_found', { message: `there is no account "${name}" of the level ${level}` });
      remember(id, null);
      forget();
    },
  };
}

/** Where the walk up the tree begins: the user of the key, its tenant, the end user, the tags. */
function idsOf({ principal, endUser, tags }: Omit<Subject, 'principal'> & { readonly principal: Caller }): readonly string[] {
  const all = [...(principal.tags ?? []), ...(tags ?? [])];
  return [
    ...(principal.user === undefined ? [] : [principal.user]),
    principal.tenant,
    ...(endUser === undefined ? [] : [accountId('end-user', endUser)]),
    ...all.map((tag) => accountId('tag', tag)),
  ];
}

/** Tenants of YAML stand below each other only. */
function checkTree(next: ReadonlyMap<string, Account>): void {
  for (const account of next.values()) {
    const path: string[] = [];
    for (let at: Account | undefined = account; at !== undefined; ) {
      if (path.includes(at.id))
        throw new PlatformError('reference_cycle', { message: `the parents of tenant "${account.name}" form a circle: ${[...path, at.id].join(' → ')}` });
      path.push(at.id);
      const { parent } = at.spec;
      if (parent === undefined) break;
      const above = next.get(parent);
      if (above === undefined)
        throw new PlatformError('reference_missing', { message: `tenant "${account.name}" has the parent "${parent}", which does not exist` });
      at = above;
    }
  }
}
