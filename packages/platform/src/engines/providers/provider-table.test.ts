import { PROVIDERS } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import { loadFormat } from '#formats';
import { PROVIDER_TABLE } from './provider-table.ts';

const entries = Object.entries(PROVIDER_TABLE);

describe('PROVIDER_TABLE', () => {
  it('knows exactly the names that a Model may use', () => {
    expect(Object.keys(PROVIDER_TABLE).sort()).toEqual([...PROVIDERS].sort());
  });

  it('names at least 30 services and servers with the OpenAI API beside the native ones', () => {
    expect(entries.filter(([, entry]) => entry.group !== 'native').length).toBeGreaterThanOrEqual(30);
  });

  it.each(entries)('has a complete row for %s', (_name, entry) => {
    expect(entry.title).toMatch(/\S/);
    expect(entry.baseUrl === undefined).toBe(entry.addressForm !== undefined);
    expect(entry.operations.length + entry.passes.length).toBeGreaterThan(0);
    expect(entry.operations.includes('chat') ? entry.speaks.length : 1).toBeGreaterThan(0);
    if (entry.group === 'service') expect(entry.keyVariable).toMatch(/^[A-Z][A-Z0-9_]+$/);
    if (entry.needsKey) expect(entry.keyVariable).toBeDefined();
  });

  it.each(entries.filter(([, entry]) => entry.baseUrl !== undefined))('has an address for %s that a path can be added to', (_name, entry) => {
    const url = new URL(entry.baseUrl ?? '');

    expect(url.protocol).toBe(entry.group === 'server' ? 'http:' : 'https:');
    expect(url.href.endsWith('/') && url.pathname !== '/').toBe(false);
    expect(url.search + url.hash + url.username).toBe('');
  });

  it('calls every service that is not native through the OpenAI transport', () => {
    expect(entries.filter(([, entry]) => entry.group !== 'native' && entry.transport !== 'openai')).toEqual([]);
  });

  it('never renames a parameter that it also refuses or leaves out', () => {
    for (const [, { quirks, refuses = [] }] of entries) {
      const renamed = Object.keys(quirks?.renames ?? {});
      expect(renamed.filter((name) => refuses.includes(name) || (quirks?.omits ?? []).includes(name))).toEqual([]);
      expect((quirks?.omits ?? []).filter((name) => refuses.includes(name))).toEqual([]);
    }
  });

  it.each(entries.filter(([, entry]) => entry.cachedTokens !== undefined))(
    'says where %s counts cached tokens, and the reader of its format looks there',
    async (_name, entry) => {
      const { readUsage } = await loadFormat('openai-chat');

      expect(readUsage({ prompt_tokens: 100, completion_tokens: 5, [entry.cachedTokens ?? '']: 40 })).toMatchObject({ inputTokens: 60, cacheReadTokens: 40 });
    },
  );
});
