import type { LimitsSpec } from '@maru/api/resources';
import type { Budget } from './budget.ts';

/** The tenant that exists without a resource. */
export const DEFAULT_TENANT = 'default';

/** Who calls, as the key says. */
export interface Principal {
  readonly keyId: string;
  readonly tenant: string;
  readonly name: string;
  /** May change the platform; its model list is not checked. */
  readonly admin: boolean;
  /** Public names that the key may use; all where absent. */
  readonly models?: readonly string[];
  readonly limits?: LimitsSpec;
  readonly budget?: Budget;
  readonly expiresMs?: number;
}
