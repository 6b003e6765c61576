import { describe, expect, it } from 'vitest';
import { tenantOf } from './__fixtures__/open-ledger.ts';
import { buildTenantChains } from './tenant-tree.ts';

describe('tenant tree', () => {
  it('leads from a tenant up to its root', () => {
    const chains = buildTenantChains([tenantOf('team', { parent: 'unit' }), tenantOf('company'), tenantOf('unit', { parent: 'company' })]);

    expect(chains.get('team')?.map((node) => node.name)).toEqual(['team', 'unit', 'company']);
    expect(chains.get('company')?.map((node) => node.name)).toEqual(['company']);
  });

  it('refuses a parent that does not exist', () => {
    expect(() => buildTenantChains([tenantOf('team', { parent: 'unit' })])).toThrow(
      expect.objectContaining({ code: 'reference_missing', message: expect.stringContaining('"unit"') }),
    );
  });

  it('refuses parents in a circle', () => {
    expect(() => buildTenantChains([tenantOf('a', { parent: 'b' }), tenantOf('b', { parent: 'c' }), tenantOf('c', { parent: 'b' })])).toThrow(
      expect.objectContaining({ code: 'reference_cycle' }),
    );
    expect(() => buildTenantChains([tenantOf('a', { parent: 'a' })])).toThrow(expect.objectContaining({ code: 'reference_cycle' }));
  });

  it('keeps the smaller of two budgets that differ only in their amount', () => {
    const [node] =
      buildTenantChains([tenantOf('a', { budgets: [{ usd: 5 }, { usd: 3 }, { usd: 9, mode: 'soft' }, { usd: 1, window: 'day' }] })]).get('a') ?? [];

    expect(node?.budgets.map((budget) => [budget.id, budget.capNanoUsd])).toEqual([
      ['tenant/a/month', 3e9],
      ['tenant/a/month/soft', 9e9],
      ['tenant/a/day', 1e9],
    ]);
  });
});
