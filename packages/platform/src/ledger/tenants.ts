import { PlatformError } from '@maru/api/errors';
import type { Tenant } from '@maru/api/resources';
import type { Clock } from '#time';
import type { Budget } from './budget.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import { DEFAULT_TENANT, type Principal } from './principal.ts';
import { buildTenantChains, type TenantChain } from './tenant-tree.ts';

/** The tenants as the resources say, with the limiters of tenants and keys. */
export interface Tenants {
  /** Replaces all tenants; what their limiters have counted stays. Throws and changes nothing when the tree is wrong. */
  set(tenants: readonly Tenant[]): void;
  /** Throws `forbidden` when the tenant of a key is gone. */
  chain(principal: Principal): TenantChain;
  limiters(principal: Principal, chain: TenantChain): readonly Limiter[];
  budgets(principal: Principal, chain: TenantChain): readonly Budget[];
  all(): readonly Budget[];
  /** Drops limiters that remember nothing. */
  tidy(): void;
}

export function createTenants(clock: Clock): Tenants {
  let chains: ReadonlyMap<string, TenantChain> = new Map();
  const limiters = new Map<string, Limiter>();
  // Lists are the same for every request of a key: they are made once per change of the tenants.
  let budgetsOf = new WeakMap<Principal, readonly Budget[]>();

  const limiterOf = (name: string, limits: Principal['limits']): Limiter => {
    let limiter = limiters.get(name);
    if (limiter === undefined) {
      limiter = createLimiter(name, limits);
      limiters.set(name, limiter);
    }
    return limiter;
  };

  return {
    set(tenants) {
      chains = buildTenantChains(tenants);
      budgetsOf = new WeakMap();
      for (const tenant of tenants) limiters.get(tenantName(tenant.metadata.name))?.setLimits(tenant.spec.limits);
    },
    chain(principal) {
      const chain = chains.get(principal.tenant);
      if (chain !== undefined) return chain;
      if (principal.tenant === DEFAULT_TENANT) return NO_TENANTS;
      throw new PlatformError('forbidden', { message: `the tenant "${principal.tenant}" of the key does not exist: apply it, or use another key` });
    },
    limiters(principal, chain) {
      const found: Limiter[] = [];
      if (principal.limits !== undefined) found.push(limiterOf(`key "${principal.name}" (${principal.keyId})`, principal.limits));
      for (const tenant of chain) if (tenant.limits !== undefined) found.push(limiterOf(tenantName(tenant.name), tenant.limits));
      return found;
    },
    budgets(principal, chain) {
      let budgets = budgetsOf.get(principal);
      if (budgets === undefined) {
        budgets = [...(principal.budgets ?? []), ...chain.flatMap((tenant) => tenant.budgets)];
        budgetsOf.set(principal, budgets);
      }
      return budgets;
    },
    all: () => [...chains.values()].flatMap((chain) => chain[0]?.budgets ?? []),
    tidy() {
      const nowMs = clock.monotonicMs();
      for (const [name, limiter] of limiters) if (limiter.idle(nowMs)) limiters.delete(name);
    },
  };
}

const NO_TENANTS: TenantChain = Object.freeze([]);
const tenantName = (name: string): string => `tenant "${name}"`;
