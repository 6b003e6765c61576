import { hostname } from 'node:os';
import { PlatformError } from '@maru/api/errors';
import type { Charge, Usage } from '@maru/api/records';
import type { Tenant, TokenIssuer } from '@maru/api/resources';
import type { GuardedFetch } from '#http';
import type { Redis, Spool, Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import type { Account } from './account.ts';
import { type AccountState, readAccountStates } from './account-states.ts';
import { createAccountStore } from './account-store.ts';
import { type Accounts, createAccounts } from './accounts.ts';
import { type AdmitRequest, createAdmission } from './admission.ts';
import { type BudgetState, readBudgetStates } from './budget-states.ts';
import type { ChargeRecord } from './charge-record.ts';
import { keyBudgetsOf } from './key-info.ts';
import { createKeyStore } from './key-store.ts';
import { createKeys, type Keys } from './keys.ts';
import { type ChargePage, type ChargeQuery, listCharges } from './list-charges.ts';
import { createMaintenance } from './maintenance.ts';
import { createPriceBook, type Price, type PriceQuery } from './price-book.ts';
import type { PriceOverride } from './price-file.ts';
import type { Principal } from './principal.ts';
import { createQuotaKeepers, type QuotaKeepers } from './quota-keepers.ts';
import { createQuotaShares } from './quota-shares.ts';
import { createRedisQuotaStore } from './redis/redis-quota-store.ts';
import { createSqlEpochHistory } from './redis/sql-epoch-history.ts';
import { warnOfEviction } from './redis/warn-of-eviction.ts';
import type { Reservation } from './reservation.ts';
import { settleBatch } from './settle-batch.ts';
import { createSettlement } from './settlement.ts';
import { createSqlQuotaStore } from './sql-quota-store.ts';
import { type AccountSpendQuery, type AccountSpendRow, sumAccountSpend } from './sum-account-spend.ts';
import { type DiscountQuery, type DiscountRow, sumDiscounts } from './sum-discounts.ts';
import { type SpendQuery, type SpendRow, sumSpend } from './sum-spend.ts';
import { createTokenCallers, looksLikeToken } from './tokens/token-callers.ts';
import { createTurns } from './turns.ts';
import { vendorContextWindow } from './vendor-prices.ts';

/** What one engine call was and used. */
export interface ChargeFacts {
  readonly requestId: string;
  readonly traceId: string;
  /** The Model resource that answered. */
  readonly model: string;
  readonly endpoint: string;
  readonly provider: string;
  /** The vendor's name of the model, for the price book. */
  readonly servedName: string;
  readonly simulated: boolean;
  readonly usage: Usage;
  readonly outcome: Charge['outcome'];
  /** Why only a share of the price, from 0 to 1, is charged; all of it where absent. */
  readonly discount?: { readonly for: NonNullable<Charge['discount']>['for']; readonly share: number } | undefined;
  /** `spec.price` of the Model resource. */
  readonly price?: PriceOverride | undefined;
  readonly baseUrl?: string | undefined;
  /** The model whose price counts, where it is another. */
  readonly pricedAs?: { readonly provider: string; readonly model: string } | undefined;
  /** Who asked, where a key serves many people; the end user of the reservation where absent. */
  readonly user?: string | undefined;
  /** Id of the charge, where it may be written more than once and must count once. */
  readonly id?: string | undefined;
  readonly session?: string | undefined;
  readonly agent?: string | undefined;
}

/** Keys, quotas and money. Several processes may share one database; each has a spool of its own. */
export interface Ledger
  extends Omit<Keys, 'flushLastUsed' | 'forgetCached' | 'use'>,
    Pick<Accounts, 'putAccount' | 'getAccount' | 'listAccounts' | 'pageAccounts' | 'accountPath' | 'accountsOf' | 'removeAccount' | 'setModelGroups'> {
  /** Replaces the issuers whose tokens are taken as keys; with none, tokens are refused. */
  setTokenIssuers(issuers: readonly TokenIssuer[]): void;
  /** Replaces all tenants. Throws `reference_missing` or `reference_cycle`, and then changes nothing. */
  setTenants(tenants: readonly Tenant[]): void;
  /**
   * Checks model, rates and budgets, and holds a share of them; a promise only when a budget has to be asked for more.
   * Throws `model_not_allowed`, `rate_limited`, `quota_exceeded` or `forbidden`, and then holds nothing.
   */
  admit(principal: Principal, request: AdmitRequest): Reservation | Promise<Reservation>;
  /**
   * Charges the call and ends the reservation. The charge survives kill -9 when this returns. A second call changes
   * nothing and returns undefined. Throws `storage_full` or `storage_failed`; then nothing is charged and it may be called again.
   */
  settle(reservation: Reservation, facts: ChargeFacts): Charge | undefined;
  /** As `settle`, when it resolves: what is settled in one turn of the event loop is written together. A second call meanwhile changes nothing. */
  settleSoon(reservation: Reservation, facts: ChargeFacts): Promise<Charge | undefined>;
  /** Charges one call of several under the same reservation, such as a failed attempt that used tokens; the reservation stays. */
  chargeAttempt(reservation: Reservation, facts: ChargeFacts): Charge;
  /** Ends a reservation without a charge. */
  release(reservation: Reservation): void;
  /** What a usage costs now; null when no price is known. */
  priceOf(usage: Usage, query: PriceQuery): Price;
  /** Tokens of the context of a vendor's model, as the vendors' list says; undefined where it does not. */
  contextWindowOf(model: Omit<PriceQuery, 'price'>): number | undefined;
  /** Settled charges, newest first; a charge is settled within a second. Throws `invalid_request` for a foreign cursor. */
  charges(query?: ChargeQuery): Promise<ChargePage>;
  spend(query: SpendQuery): Promise<readonly SpendRow[]>;
  /** What accounts, keys (`key/ID`), end users (`end-user/NAME`) and tags (`tag/NAME`) have spent, everything below them included. */
  accountSpend(query: AccountSpendQuery): Promise<readonly AccountSpendRow[]>;
  /** What discounts of batches and of cached answers have saved. */
  discounts(query: DiscountQuery): Promise<readonly DiscountRow[]>;
  /** Whether a key may use a public name now; asks nobody, so that an account that was not read yet does not count. */
  allowsModel(principal: Principal, model: string): boolean;
  budgetStates(): Promise<readonly BudgetState[]>;
  /** How the budgets and limits of accounts stand now, over all processes. */
  accountStates(accounts: readonly Account[]): Promise<readonly AccountState[]>;
  /** Takes over at once what another process has changed of keys and accounts; without it that takes up to 30 s. */
  reread(): Promise<void>;
  /** Settles everything that was charged until now. */
  flush(): Promise<void>;
  /** Settles what it can, gives back budgets, and stops. Spool and store stay open: their owner closes them. */
  close(): Promise<void>;
}

export interface LedgerOptions {
  readonly store: Store;
  readonly spool: Spool<ChargeRecord>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Reaches the addresses of token issuers; without it no token is taken. */
  readonly fetch?: GuardedFetch | undefined;
  /** The administrator's key. */
  readonly masterKey?: string | undefined;
  /** Price lists of the user, in the form of `data/prices-*.json`; the first that knows a model wins. */
  readonly priceOverrides?: readonly unknown[] | undefined;
  /**
   * Name of this process among those that share the database; must be its own, and stay the same as long as its spool does.
   * The host's name and the spool's folder where absent.
   */
  readonly holder?: string | undefined;
  /** The longest time that a request may hold its reservation; 10 minutes where absent. */
  readonly reservationMs?: number | undefined;
  /** How long the share of money and places of a process that died is kept for it; 15 minutes where absent, and more than `reservationMs`. */
  readonly shareTtlMs?: number | undefined;
  /** Keeps rates and requests at once; the database where absent. The same in every process that shares the database. */
  readonly limitsRedis?: Redis | undefined;
}

/**
 * Opens the ledger on a migrated store, and first settles what an earlier run has left in the spool.
 * Throws `config_invalid` for a price list that is not valid.
 */
export async function createLedger(options: LedgerOptions): Promise<Ledger> {
  const { store, spool, clock, ids, log } = options;
  const holder = options.holder ?? (store.dialect === 'sqlite' ? 'local' : `${hostname()}:${spool.path}`);
  const reservationMs = options.reservationMs ?? 600_000;
  const ttlMs = options.shareTtlMs ?? reservationMs + 300_000;
  const prices = createPriceBook(options.priceOverrides);
  const turns = createTurns();
  const { limitsRedis } = options;
  const rates = limitsRedis === undefined ? undefined : createRedisQuotaStore({ redis: limitsRedis, history: createSqlEpochHistory(store, clock), ids });
  const keepers = createQuotaKeepers({ money: createSqlQuotaStore(store, clock), rates }, clock);
  // Every run has a name of its own: what a run before has used of a rate still counts.
  const run = `${holder}#${ids.next('run')}`;
  const shares = createQuotaShares({ keepers, clock, log, turns, holder: run, ttlMs, reservationMs });
  const accounts = createAccounts({ accounts: createAccountStore(store), clock });
  const keyStore = createKeyStore(store);
  const keys = createKeys({ keys: keyStore, clock, ids, masterKey: options.masterKey, changed: (id) => tokens.forget(id) });
  const tokens = createTokenCallers({ keys: keyStore, accounts, accept: keys.use, fetch: options.fetch, clock, log });
  const admission = createAdmission({ accounts, shares, prices, clock, reservationMs });
  const settlement = createSettlement({
    spool,
    clock,
    ids,
    log,
    shares,
    turns,
    settleBatch: (records) => settleBatch(store, records, run),
    budgets: accounts.knownBudgets,
  });

  // What the last run charged must be in the accounts before its share goes back.
  await settlement.flush();
  await releaseRuns({ keepers, holder, log });
  if (limitsRedis !== undefined) await warnOfEviction(limitsRedis, log);
  const maintenance = createMaintenance({ admission, shares, keys, accounts, clock, log });

  const unpriced = new Set<string>();
  /** The accounts of a key are read before anybody asks what it may use: names of groups in its list are not known otherwise. */
  const readFor = async (found: Principal | Promise<Principal>): Promise<Principal> => {
    const principal = await found;
    await accounts.load({ principal });
    return principal;
  };
  /** Once per model: an unknown price is a charge without money, and somebody has to give it one. */
  const warnUnpriced = ({ provider, servedName, model }: ChargeFacts): void => {
    const name = `${provider} ${servedName}`;
    if (unpriced.has(name) || unpriced.size >= MAX_UNPRICED) return;
    unpriced.add(name);
    log.warn({ provider, servedName, model }, 'no price is known for what this model has used: the charge has none; give the Model a price');
  };

  const recordOf = (reservation: Reservation, facts: ChargeFacts): ChargeRecord => {
    const full = prices.priceOf(
      facts.usage,
      facts.pricedAs === undefined
        ? { provider: facts.provider, model: facts.servedName, price: facts.price, baseUrl: facts.baseUrl }
        : { ...facts.pricedAs, price: facts.price },
      clock.nowMs(),
    );
    const charged = full.costNanoUsd === null || facts.discount === undefined ? full.costNanoUsd : Math.round(full.costNanoUsd * facts.discount.share);
    if (charged === null) warnUnpriced(facts);
    const charge = toCharge({ reservation, facts, full, charged, id: facts.id ?? ids.next('chg'), atMs: clock.nowMs() });
    return { charge, budgets: reservation.budgets, accounts: reservation.accounts };
  };
  const write = (reservation: Reservation, facts: ChargeFacts): Charge => {
    const record = recordOf(reservation, facts);
    settlement.accept(record);
    return record.charge;
  };

  return {
    createKey: keys.createKey,
    updateKey: keys.updateKey,
    rotateKey: keys.rotateKey,
    authenticate(secret) {
      const found = looksLikeToken(secret) ? tokens.authenticate(secret) : keys.authenticate(secret);
      return found instanceof Promise || !(found.admin || accounts.isRead(found)) ? readFor(found) : found;
    },
    setTokenIssuers: tokens.setIssuers,
    listKeys: keys.listKeys,
    getKey: keys.getKey,
    findKey: keys.findKey,
    principalOf: keys.principalOf,
    revokeKey: keys.revokeKey,
    deleteKey: keys.deleteKey,
    putAccount: accounts.putAccount,
    getAccount: accounts.getAccount,
    listAccounts: accounts.listAccounts,
    pageAccounts: accounts.pageAccounts,
    accountPath: accounts.accountPath,
    accountsOf: accounts.accountsOf,
    removeAccount: accounts.removeAccount,
    setModelGroups: accounts.setModelGroups,
    setTenants(next) {
      accounts.setTenants(next);
      shares.invalidate();
    },
    admit: admission.admit,
    settle(reservation, facts) {
      if (hasEnded(reservation)) return undefined;
      const charge = write(reservation, facts);
      admission.finish(reservation, facts.usage);
      return charge;
    },
    async settleSoon(reservation, facts) {
      if (hasEnded(reservation)) return undefined;
      const before = reservation.state;
      // What has expired holds nothing any more.
      const during = before === 'open' ? 'settling' : 'settled';
      const record = recordOf(reservation, facts);
      reservation.state = during;
      try {
        await settlement.acceptSoon(record);
      } catch (error) {
        if (reservation.state === during) reservation.state = before;
        throw error;
      }
      admission.finish(reservation, facts.usage);
      return record.charge;
    },
    chargeAttempt(reservation, facts) {
      if (hasEnded(reservation)) throw new PlatformError('conflict', { message: `the reservation for "${reservation.requestedModel}" has ended` });
      return write(reservation, facts);
    },
    release: admission.release,
    priceOf: (usage, query) => prices.priceOf(usage, query, clock.nowMs()),
    contextWindowOf: (model) => vendorContextWindow(model, clock.nowMs()),
    charges: (query) => listCharges(store, query),
    spend: (query) => sumSpend(store, query),
    accountSpend: (query) => sumAccountSpend(store, query),
    discounts: (query) => sumDiscounts(store, query),
    allowsModel: (principal, model) => accounts.scope({ principal })?.allows(model) ?? principal.models?.includes(model) ?? true,
    async budgetStates() {
      const ofKeys = (await keys.listKeys()).flatMap((key) => (key.revokedMs === undefined ? keyBudgetsOf(key) : []));
      return readBudgetStates(keepers.money.store, [...accounts.knownBudgets(), ...ofKeys]);
    },
    accountStates: (wanted) => readAccountStates(keepers, wanted),
    async reread() {
      keys.forgetCached();
      tokens.forgetAll();
      await accounts.refresh();
    },
    flush: settlement.flush,
    async close() {
      tokens.close();
      await maintenance.close();
      await shares.close();
      await settlement.close();
      try {
        await shares.releaseIdle(0);
        await keys.flushLastUsed();
      } catch (error) {
        log.warn({ error: (error as { code?: unknown }).code }, 'budget shares could not be given back: they return when their time is over');
      }
    },
  };
}

const MAX_UNPRICED = 1000;

/** Nothing can be charged to it any more. */
const hasEnded = ({ state }: Reservation): boolean => state !== 'open' && state !== 'expired';

async function releaseRuns({ keepers, holder, log }: { keepers: QuotaKeepers; holder: string; log: Log }): Promise<void> {
  const prefix = `${holder}#`;
  await keepers.money.store.releaseRuns(prefix);
  if (keepers.rates === keepers.money) return;
  try {
    await keepers.rates.store.releaseRuns(prefix);
  } catch (error) {
    log.warn({ error: (error as { code?: unknown }).code }, 'the store of limits is away: what has limits is refused until it is back');
  }
}

function toCharge(made: { reservation: Reservation; facts: ChargeFacts; full: Price; charged: number | null; id: string; atMs: number }): Charge {
  const { reservation, facts, full, charged } = made;
  const notCharged = (full.costNanoUsd ?? 0) - (charged ?? 0);
  const { principal } = reservation;
  const user = facts.user ?? reservation.endUser;
  return {
    id: made.id,
    requestId: facts.requestId,
    traceId: facts.traceId,
    atMs: made.atMs,
    payer: {
      tenant: principal.tenant,
      keyId: principal.keyId,
      ...(user === undefined ? {} : { user }),
      ...(facts.session === undefined ? {} : { session: facts.session }),
      ...(facts.agent === undefined ? {} : { agent: facts.agent }),
      ...(reservation.tags === undefined ? {} : { tags: [...reservation.tags] }),
    },
    requestedModel: reservation.requestedModel,
    model: facts.model,
    endpoint: facts.endpoint,
    provider: facts.provider,
    simulated: facts.simulated,
    usage: facts.usage,
    costNanoUsd: charged,
    ...(facts.discount === undefined || notCharged === 0 ? {} : { discount: { for: facts.discount.for, nanoUsd: notCharged } }),
    priceSource: full.source,
    outcome: facts.outcome,
  };
}
