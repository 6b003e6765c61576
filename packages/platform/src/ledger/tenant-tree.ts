import { PlatformError } from '@maru/api/errors';
import type { LimitsSpec, Tenant } from '@maru/api/resources';
import { type Budget, budgetsOf } from './budget.ts';

/** One tenant with everything that admission asks of it. */
export interface TenantNode {
  readonly name: string;
  readonly models: ReadonlySet<string> | undefined;
  readonly limits: LimitsSpec | undefined;
  readonly budgets: readonly Budget[];
}

/** From a tenant up to its root, the tenant itself first. */
export type TenantChain = readonly TenantNode[];

/** Chains of all tenants by name. Throws `reference_missing` or `reference_cycle`, and then nothing has changed. */
export function buildTenantChains(tenants: readonly Tenant[]): ReadonlyMap<string, TenantChain> {
  const byName = new Map(tenants.map((tenant) => [tenant.metadata.name, tenant]));
  const nodes = new Map(tenants.map((tenant) => [tenant.metadata.name, toNode(tenant)]));
  return new Map(tenants.map((tenant) => [tenant.metadata.name, chainOf(tenant, byName).map((name) => nodes.get(name) ?? toNode(tenant))]));
}

function chainOf(tenant: Tenant, byName: ReadonlyMap<string, Tenant>): readonly string[] {
  const names: string[] = [];
  for (let at: Tenant | undefined = tenant; at !== undefined; ) {
    const { name } = at.metadata;
    if (names.includes(name))
      throw new PlatformError('reference_cycle', { message: `the parents of tenant "${name}" form a circle: ${[...names, name].join(' → ')}` });
    names.push(name);
    const parent: string | undefined = at.spec.parent;
    if (parent === undefined) break;
    at = byName.get(parent);
    if (at === undefined) throw new PlatformError('reference_missing', { message: `tenant "${name}" has the parent "${parent}", which does not exist` });
  }
  return names;
}

function toNode(tenant: Tenant): TenantNode {
  const { name } = tenant.metadata;
  const { models, limits, budgets } = tenant.spec;
  return Object.freeze({ name, models: models === undefined ? undefined : new Set(models), limits, budgets: budgetsOf('tenant', name, budgets) });
}
