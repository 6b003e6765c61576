import { isPlatformError } from '@maru/api/errors';
import { beforeEach, describe, expect, it } from 'vitest';
import { migrateStore, openStore, type Store } from '#store';
import { createFakeClock } from '#time';
import { openRegistry, parseResources, type Registry } from './index.ts';

const model = (name: string, extra = ''): string =>
  `apiVersion: maru.dev/v1alpha1\nkind: Model\nmetadata: {name: ${name}}\nspec:\n  serving: {engine: reader}\n${extra}`;
const route = (name: string, target: string): string =>
  `apiVersion: maru.dev/v1alpha1\nkind: Route\nmetadata: {name: ${name}}\nspec:\n  backends: [{model: ${target}}]\n`;
const parse = (...texts: string[]) => parseResources(texts.join('---\n')).resources;
const parseFile = (...texts: string[]) => parseResources(texts.join('---\n'), { file: '/stack.yaml' }).resources;

describe('Registry', () => {
  let store: Store;
  let registry: Registry;
  const clock = createFakeClock();

  beforeEach(async () => {
    store = await openStore({ url: ':memory:' });
    await migrateStore(store);
    registry = await openRegistry({ store, clock });
  });

  it('tells what was created, changed and left alone', async () => {
    await registry.apply(parse(model('a'), model('b')));

    const report = await registry.apply(parse(model('a'), model('b', '  description: new\n'), model('c')));

    expect(report).toEqual({ created: ['Model/c'], changed: ['Model/b'], unchanged: ['Model/a'], deleted: [] });
    expect(registry.stored('Model', 'b')?.generation).toBe(2);
  });

  it('refuses a bad change whole and keeps the old state', async () => {
    await registry.apply(parse(model('a'), route('r', 'a')));

    const refused = await registry.apply(parse(model('b'), route('r', 'nowhere'))).catch((error: unknown) => error);

    expect(isPlatformError(refused, 'reference_missing')).toBe(true);
    expect(registry.list('Model').map((entry) => entry.metadata.name)).toEqual(['a']);
    expect(registry.get('Route', 'r')?.spec.backends[0]?.model).toBe('a');
  });

  it('refuses to delete what is in use, and says by whom', async () => {
    await registry.apply(parse(model('a'), route('r', 'a')));

    const refused = await registry.delete('Model', 'a').catch((error: unknown) => error);

    expect(isPlatformError(refused, 'conflict') && refused.message).toContain('Route/r');
    await registry.delete('Route', 'r');
    await registry.delete('Model', 'a');
    expect(registry.all()).toEqual([]);
  });

  it('takes over what another process has changed, and keeps what is the same', async () => {
    await registry.apply(parse(model('a'), model('b'), model('c')));
    const other = await openRegistry({ store, clock });
    const heard: unknown[] = [];
    other.subscribe((report) => void heard.push(report));
    const kept = other.stored('Model', 'a');
    await registry.apply(parse(model('b', '  description: new\n'), model('d')));
    await registry.delete('Model', 'c');

    const report = await other.reread();

    expect(report).toEqual({ created: ['Model/d'], changed: ['Model/b'], unchanged: ['Model/a'], deleted: ['Model/c'] });
    expect(heard).toEqual([report]);
    expect(other.get('Model', 'b')?.spec.description).toBe('new');
    expect(other.stored('Model', 'a')).toBe(kept);
    await other.reread();
    expect(heard).toHaveLength(1);
  });

  it('is the same after it is opened again', async () => {
    await registry.apply(parse(model('a', '  description: kept # why\n')));

    const again = await openRegistry({ store, clock });

    expect(again.get('Model', 'a')?.spec.description).toBe('kept');
    expect(again.stored('Model', 'a')?.yaml).toContain('# why');
  });

  it('tells listeners after the change is in force, and only when something changed', async () => {
    const seen: string[][] = [];
    registry.subscribe((report) => void seen.push([...report.created, ...report.changed, ...report.deleted]));

    await registry.apply(parse(model('a')));
    await registry.apply(parse(model('a')));

    expect(seen).toEqual([['Model/a']]);
  });

  it('follows files: applies what is new, deletes what vanished, keeps a change of the API until the text changes', async () => {
    await registry.syncFiles(parseFile(model('a'), model('b')));
    await registry.apply(parse(model('a', '  description: by hand\n')));

    const second = await registry.syncFiles(parseFile(model('a')));
    expect(second.deleted).toEqual(['Model/b']);
    expect(registry.get('Model', 'a')?.spec.description).toBe('by hand');

    await registry.syncFiles(parseFile(model('a', '  description: by file\n')));
    expect(registry.get('Model', 'a')?.spec.description).toBe('by file');
  });

  it('keeps resources of the API when files change', async () => {
    await registry.apply(parse(model('mine')));

    await registry.syncFiles(parseFile(model('a')));
    await registry.syncFiles(parseFile());

    expect(registry.list('Model').map((entry) => entry.metadata.name)).toEqual(['mine']);
  });

  it('runs changes one after another', async () => {
    const results = await Promise.allSettled([registry.apply(parse(model('a'))), registry.apply(parse(route('r', 'a'))), registry.delete('Model', 'a')]);

    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });
});
