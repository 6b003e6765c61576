import type { Charge } from '@maru/api/records';
import type { RowOf } from '#store';
import { hourOf } from './budget-window.ts';
import { joinKey } from './join-key.ts';

/** What a row of the sums per hour is about, in the order of {@link spendNames}. */
export const SPEND_KEY = ['hour_ms', 'tenant', 'key_id', 'agent', 'requested_model', 'model', 'provider', 'simulated'] as const;

export type SpendNames = RowOf<'spend_hour', typeof SPEND_KEY>;

export function spendNames(charge: Charge): SpendNames {
  const { payer } = charge;
  return [hourOf(charge.atMs), payer.tenant, payer.keyId, payer.agent ?? '', charge.requestedModel, charge.model, charge.provider, charge.simulated ? 1 : 0];
}

/** One text for the names of a row. */
export const spendKey = (charge: Charge): string => joinKey(spendNames(charge));
