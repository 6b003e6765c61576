import type { Clock } from '#time';
import type { QuotaUnit } from './quota.ts';
import type { QuotaStore } from './quota-store.ts';
import { createStoreTime, type StoreTime } from './store-time.ts';

/** A store of quotas, and its clock as far as this process knows it. */
export interface QuotaKeeper {
  readonly store: QuotaStore;
  readonly time: StoreTime;
}

/** Who keeps what: money lies with the charges, rates and places may lie elsewhere. The same keeper twice where they do not. */
export interface QuotaKeepers {
  readonly money: QuotaKeeper;
  readonly rates: QuotaKeeper;
}

export function createQuotaKeepers(stores: { readonly money: QuotaStore; readonly rates?: QuotaStore | undefined }, clock: Clock): QuotaKeepers {
  const money = { store: stores.money, time: createStoreTime(clock) };
  return { money, rates: stores.rates === undefined ? money : { store: stores.rates, time: createStoreTime(clock) } };
}

export const keeperOf = (keepers: QuotaKeepers, unit: QuotaUnit): QuotaKeeper => (unit === 'nano-usd' ? keepers.money : keepers.rates);

/** Each keeper once. */
export const allKeepers = ({ money, rates }: QuotaKeepers): readonly QuotaKeeper[] => (money === rates ? [money] : [rates, money]);
