import type { AccountInfo } from '@maru/api/wire';
import { describe, expect, it } from 'vitest';
import { accountRows } from './account-rows.ts';

const account = (id: string, parent: string | null): AccountInfo => ({
  id,
  level: 'team',
  name: id,
  parent,
  description: null,
  source: 'resource',
  blocked: false,
  expiresMs: null,
  models: null,
  budgets: [],
  limits: [],
  spend: { requests: 0, errors: 0, unpriced: 0, promptTokens: 0, completionTokens: 0, costNanoUsd: 0 },
  createdMs: null,
  updatedMs: null,
});

describe('rows of accounts', () => {
  it('stand each under its parent', () => {
    const rows = accountRows([account('kim', 'labels'), account('acme', null), account('labels', 'search'), account('search', 'acme'), account('other', null)]);

    expect(rows.map(({ account: { id }, depth }) => `${depth} ${id}`)).toEqual(['0 acme', '1 search', '2 labels', '3 kim', '0 other']);
  });

  it('stand at the top where the parent is on another page', () => {
    expect(accountRows([account('kim', 'somewhere')])).toMatchObject([{ depth: 0 }]);
  });
});
