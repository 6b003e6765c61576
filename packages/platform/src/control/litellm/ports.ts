import type { Usage } from '@maru/api/records';
import type { Ledger } from '#ledger';
import type { LitellmImport, LitellmRules, Registry } from '#resources';
import type { Clock, Ids } from '#time';

/** What the admin API in LiteLLM's shapes works on: the same keys, accounts, charges and resources as everything else. */
export interface LitellmPorts {
  readonly ledger: Pick<
    Ledger,
    | 'createKey'
    | 'updateKey'
    | 'rotateKey'
    | 'listKeys'
    | 'getKey'
    | 'findKey'
    | 'deleteKey'
    | 'putAccount'
    | 'getAccount'
    | 'listAccounts'
    | 'removeAccount'
    | 'charges'
    | 'spend'
    | 'accountSpend'
    | 'principalOf'
    | 'allowsModel'
  >;
  readonly registry: Registry;
  /** Of the LiteLLM configuration that is in force. */
  rules(): LitellmRules;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Why a Model can not answer now; undefined when it can. */
  problemOf(model: string): string | undefined;
  /** Reads one deployment as the LiteLLM configuration would. */
  importModel(entry: unknown, credentials: readonly { readonly name: string; readonly values: Readonly<Record<string, unknown>> }[]): Promise<LitellmImport>;
  /** What a use of a model would cost now, in nano-USD: of a Model resource, or `provider/model`. Null where no price is known. */
  costNanoUsd(model: string, usage: Usage): number | null;
  /** Charges what was spent before, to a key or to an account without one; nothing for zero. */
  recordSpend(spent: { readonly keyId?: string; readonly tenant?: string; readonly usd: number }): Promise<void>;
  readonly version: string;
}
