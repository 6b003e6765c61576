import { PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLog } from '#telemetry';
import { createFakeClock, createSeededIds } from '#time';
import { type Informer, type InformerDeps, startInformer } from './informer.ts';
import { createMemoryKube } from './memory-kube.ts';
import { type KubeObject, refOf } from './object.ts';

const scope = { apiVersion: 'v1', kind: 'ConfigMap' };
const config = (name: string, a: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'ns' }, data: { a } });

describe('informer', () => {
  let open: Informer[] = [];
  afterEach(async () => {
    await Promise.all(open.map((informer) => informer.close()));
    open = [];
  });

  const begin = (wrap: (kube: InformerDeps['kube']) => InformerDeps['kube'] = (kube) => kube, resyncMs?: number) => {
    const clock = createFakeClock();
    const kube = createMemoryKube({ ids: createSeededIds(), nowMs: clock.nowMs });
    const seen: string[] = [];
    const start = (): Informer => {
      const informer = startInformer(
        scope,
        { changed: (object) => void seen.push(`changed ${object.metadata.name}`), gone: (object) => void seen.push(`gone ${object.metadata.name}`) },
        { kube: wrap(kube), clock, random: () => 0.5, log: silentLog, ...(resyncMs === undefined ? {} : { resyncMs }) },
      );
      open.push(informer);
      return informer;
    };
    return { clock, kube, seen, start };
  };

  it('goes on where it was when the watch is dropped, and tells nothing twice', async () => {
    const { clock, kube, seen, start } = begin();
    await kube.apply(config('a', '1'));
    await start().synced;

    kube.dropWatches();
    await kube.apply(config('b', '1'));
    await clock.advance(60_000);

    expect(seen).toEqual(['changed a', 'changed b']);
  });

  it('lists again when its version is too old, and notices what went away meanwhile', async () => {
    let tooOld = false;
    const { clock, kube, seen, start } = begin((inner) => ({
      list: inner.list,
      watch: (...args) => {
        if (!tooOld) return inner.watch(...args);
        tooOld = false;
        throw new PlatformError('cluster_rejected', { message: 'too old', details: { status: 410 } });
      },
    }));
    await kube.apply(config('a', '1'));
    await kube.apply(config('b', '1'));
    await start().synced;

    tooOld = true;
    kube.dropWatches();
    await kube.delete(refOf(config('a', '1')));
    await clock.advance(60_000);

    expect(seen).toEqual(['changed a', 'changed b', 'gone a']);
  });

  it('keeps trying while the cluster does not answer', async () => {
    let down = true;
    let attempts = 0;
    const { clock, kube, seen, start } = begin((inner) => ({
      watch: inner.watch,
      list: async (...args) => {
        attempts += 1;
        if (down) throw new PlatformError('cluster_unreachable', { message: 'down' });
        return inner.list(...args);
      },
    }));
    await kube.apply(config('a', '1'));
    const informer = start();
    await clock.advance(120_000);
    expect(seen).toEqual([]);
    // Waits grow up to half a minute, so two minutes see some attempts and not hundreds.
    expect(attempts).toBeGreaterThan(3);
    expect(attempts).toBeLessThan(30);

    down = false;
    await clock.advance(60_000);
    await informer.synced;
    expect(seen).toEqual(['changed a']);
  });

  it('hands everything out again at each resync', async () => {
    const { clock, kube, seen, start } = begin(undefined, 600_000);
    await kube.apply(config('a', '1'));
    await start().synced;
    await clock.advance(600_000);
    expect(seen).toEqual(['changed a', 'changed a']);
  });

  it('says nothing after it was closed', async () => {
    const { clock, kube, seen, start } = begin();
    const informer = start();
    await informer.synced;
    await informer.close();
    await kube.apply(config('a', '1'));
    await clock.advance(60_000);
    expect(seen).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});
