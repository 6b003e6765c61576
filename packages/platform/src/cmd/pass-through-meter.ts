import { ZERO_USAGE } from '@maru/api/records';
import type { PassThroughMeter } from '#gateway';
import type { Ledger } from '#ledger';
import type { Ids } from '#time';
import { isLedgerPrincipal } from './ledger-ports.ts';

/** Limits, budgets and charges for requests that are only passed on: each is one unit at the price of its rule. */
export const passThroughMeter = ({ ledger, ids }: { readonly ledger: Ledger; readonly ids: Ids }): PassThroughMeter => ({
  async admit({ requestId, principal, rule }) {
    const { keyId, tenant } = principal;
    const usage = { ...ZERO_USAGE, searchUnits: 1 };
    const price = { inputUsdPerMillion: 0, outputUsdPerMillion: 0, searchUnitsUsdPerThousand: rule.usdPerRequest * 1000 };
    const known = isLedgerPrincipal(principal) ? principal : { keyId, tenant, name: keyId };
    // Lists of models say nothing about paths; rates and budgets hold.
    const payer = { ...known, admin: true };
    const reservation = await ledger.admit(payer, {
      requestedModel: rule.path,
      estimate: usage,
      prices: [{ provider: 'pass-through', model: rule.path, price }],
    });
    return {
      headers: reservation.headers,
      settle(outcome) {
        ledger.settle(reservation, {
          requestId,
          traceId: ids.traceId(),
          model: rule.path,
          endpoint: new URL(rule.target).host,
          provider: 'pass-through',
          servedName: rule.path,
          simulated: false,
          usage,
          price,
          outcome,
        });
      },
      release: () => ledger.release(reservation),
    };
  },
});
