import { isPlatformError } from '@maru/api/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROVIDER_TABLE } from '../providers/provider-table.ts';
import { editFields } from './edit-fields.ts';

const edit = (body: unknown, edits: Parameters<typeof editFields>[1]): unknown =>
  JSON.parse(Buffer.from(editFields(Buffer.from(JSON.stringify(body)), edits)).toString('utf8'));
const edits = { renames: { seed: 'random_seed' }, omits: ['user'] };

describe('editFields', () => {
  it('returns the very bytes where there is nothing to change', () => {
    const body = Buffer.from('{ "model":"m",\t"temperature": 1.0 }');

    expect(editFields(body, edits)).toBe(body);
    expect(editFields(body, {})).toBe(body);
  });

  it('does not touch names inside of values', () => {
    const body = Buffer.from('{"messages":[{"content":"the \\"seed\\"","seed":1,"user":2}], "x": 1.0}');

    expect(editFields(body, edits)).toBe(body);
  });

  it('renames, leaves out and sets', () => {
    expect(edit({ model: 'm', seed: 7, user: 'u', x: [1] }, { ...edits, sets: { version: 'v1', x: 'kept' } })).toEqual({
      model: 'm',
      random_seed: 7,
      x: [1],
      version: 'v1',
    });
  });

  it('keeps a field that is there under its new name already', () => {
    expect(edit({ seed: 7, random_seed: 8 }, edits)).toEqual({ random_seed: 8 });
  });

  it('refuses what is not JSON', () => {
    expect(() => editFields(Buffer.from('{"seed":'), edits)).toThrow();
    try {
      editFields(Buffer.from('{"user":'), edits);
    } catch (error) {
      expect(isPlatformError(error, 'invalid_json')).toBe(true);
    }
  });

  it('keeps every other field of any body', () => {
    const name = fc.string().filter((text) => !['seed', 'user', 'random_seed', '__proto__'].includes(text));
    fc.assert(
      fc.property(fc.dictionary(name, fc.jsonValue()), fc.integer(), (fields, seed) => {
        expect(edit({ ...fields, seed, user: 'u' }, edits)).toEqual(JSON.parse(JSON.stringify({ ...fields, random_seed: seed })));
      }),
    );
  });

  it('sends to every provider of the table only names that it knows', () => {
    for (const { quirks = {} } of Object.values(PROVIDER_TABLE)) {
      const all = Object.fromEntries([...Object.keys(quirks.renames ?? {}), ...(quirks.omits ?? [])].map((name) => [name, 1]));

      expect(Object.keys(edit(all, quirks) as object).sort()).toEqual([...new Set(Object.values(quirks.renames ?? {}))].sort());
    }
  });
});
