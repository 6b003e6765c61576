import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Kube, type KubeObject, refOf, startInformer } from '../../packages/platform/src/kube/index.ts';
import { silentLog } from '../../packages/platform/src/telemetry/index.ts';
import { createSystemClock } from '../../packages/platform/src/time/index.ts';

export interface KubeSubject {
  readonly kube: Kube;
  /** A namespace that exists and is empty. */
  readonly namespace: string;
  close(): Promise<void>;
}

/** What every implementation of the Kube port must do; run on memory by `npm test` and on a real API server by `npm run test:cluster`. */
export function kubeConformance(name: string, open: () => Promise<KubeSubject>): void {
  describe(`Kube port: ${name}`, () => {
    let subject: KubeSubject;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());

    const config = (label: string, data: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>> = {}): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: label, namespace: subject.namespace, ...(Object.keys(labels).length === 0 ? {} : { labels }) },
      data,
    });

    it('gives undefined for what is not there', async () => {
      expect(await subject.kube.get(refOf(config('absent', {})))).toBeUndefined();
      expect(await subject.kube.mergePatch(refOf(config('absent', {})), { data: { a: '1' } })).toBeUndefined();
      expect(await subject.kube.delete(refOf(config('absent', {})))).toBe(false);
    });

    it('creates by apply, and applying the same again changes nothing', async () => {
      const first = await subject.kube.apply(config('applied', { a: '1' }));
      const second = await subject.kube.apply(config('applied', { a: '1' }));

      expect(first.metadata.uid).toBeTruthy();
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    it('removes by apply what the same manager no longer sends, and leaves what others have set', async () => {
      await subject.kube.apply(config('shared', { mine: '1', old: '1' }));
      await subject.kube.apply(config('shared', { theirs: '1' }), { fieldManager: 'somebody' });

      const live = await subject.kube.apply(config('shared', { mine: '2' }), { force: true });

      expect(live['data']).toEqual({ mine: '2', theirs: '1' });
    });

    it('takes a field over from another manager only by force', async () => {
      await subject.kube.apply(config('contested', { a: 'theirs' }), { fieldManager: 'somebody' });

      await expect(subject.kube.apply(config('contested', { a: 'ours' }))).rejects.toMatchObject({ code: 'conflict' });
      expect((await subject.kube.apply(config('contested', { a: 'theirs' })))['data']).toEqual({ a: 'theirs' });
      expect((await subject.kube.apply(config('contested', { a: 'ours' }), { force: true }))['data']).toEqual({ a: 'ours' });
    });

    it('keeps nothing of a dry run', async () => {
      const rehearsed = await subject.kube.apply(config('rehearsed', { a: '1' }), { dryRun: true });
      expect(rehearsed.metadata.name).toBe('rehearsed');
      expect(await subject.kube.get(refOf(rehearsed))).toBeUndefined();
    });

    it('refuses to create twice and to replace an old version', async () => {
      const first = await subject.kube.create(config('raced', { a: '1' }));
      await expect(subject.kube.create(config('raced', { a: '1' }))).rejects.toMatchObject({ code: 'conflict' });

      await subject.kube.replace({ ...first, data: { a: '2' } });
      await expect(subject.kube.replace({ ...first, data: { a: '3' } })).rejects.toMatchObject({ code: 'conflict' });
    });

    it('patches fields and removes them with null', async () => {
      await subject.kube.apply(config('patched', { a: '1', b: '1' }));
      const live = await subject.kube.mergePatch(refOf(config('patched', {})), { data: { a: null, c: '1' } });
      expect(live?.['data']).toEqual({ b: '1', c: '1' });
    });

    it('lists by label', async () => {
      await subject.kube.apply(config('red-1', {}, { colour: 'red' }));
      await subject.kube.apply(config('red-2', {}, { colour: 'red' }));
      await subject.kube.apply(config('blue', {}, { colour: 'blue' }));

      const list = await subject.kube.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: subject.namespace, labelSelector: 'colour=red' });

      expect(list.items.map((item) => item.metadata.name).sort()).toEqual(['red-1', 'red-2']);
      expect(list.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    });

    it('holds a deleted object until its finalizer is taken off', async () => {
      const held = await subject.kube.apply({ ...config('held', {}), metadata: { ...config('held', {}).metadata, finalizers: ['maru.dev/test'] } });
      expect(await subject.kube.delete(refOf(held))).toBe(true);
      expect((await subject.kube.get(refOf(held)))?.metadata.deletionTimestamp).toBeTruthy();

      await subject.kube.mergePatch(refOf(held), { metadata: { finalizers: null } });
      expect(await subject.kube.get(refOf(held))).toBeUndefined();
    });

    it('writes a status apart from the rest', async () => {
      const deployment: KubeObject = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'stated', namespace: subject.namespace },
        spec: {
          selector: { matchLabels: { app: 'x' } },
          template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'a:1' }] } },
        },
      };
      const before = await subject.kube.apply(deployment);
      const after = await subject.kube.patchStatus(refOf(deployment), { replicas: 1, readyReplicas: 1 });

      expect(after?.['status']).toMatchObject({ readyReplicas: 1 });
      expect(after?.metadata.generation).toBe(before.metadata.generation);
      expect((await subject.kube.apply(deployment))['status']).toMatchObject({ readyReplicas: 1 });
    });

    it('deletes only the object that is meant', async () => {
      const live = await subject.kube.apply(config('meant', {}));
      await expect(subject.kube.delete(refOf(live), { uid: '00000000-0000-0000-0000-000000000000' })).rejects.toMatchObject({ code: 'conflict' });
      expect(await subject.kube.delete(refOf(live), { uid: live.metadata.uid ?? '' })).toBe(true);
    });

    it('knows which kinds are served', async () => {
      expect(await subject.kube.serves('v1', 'ConfigMap')).toBe(true);
    });

    it('informs about what is there, what comes, what changes and what goes', async () => {
      const seen: string[] = [];
      const scope = { apiVersion: 'v1', kind: 'ConfigMap', namespace: subject.namespace, labelSelector: 'watched=yes' };
      const note = (event: string) => (object: KubeObject) =>
        void seen.push(`${event} ${object.metadata.name} ${(object['data'] as { a?: string } | undefined)?.a ?? ''}`.trim());
      await subject.kube.apply(config('watched-1', { a: '1' }, { watched: 'yes' }));
      const informer = startInformer(
        scope,
        { changed: note('changed'), gone: note('gone') },
        { kube: subject.kube, clock: createSystemClock(), random: () => 0.5, log: silentLog },
      );
      await informer.synced;

      await subject.kube.apply(config('watched-2', { a: '1' }, { watched: 'yes' }));
      await subject.kube.apply(config('watched-1', { a: '2' }, { watched: 'yes' }), { force: true });
      await subject.kube.delete(refOf(config('watched-2', {})));
      const deadline = performance.now() + 5000;
      while (!seen.includes('gone watched-2 1') && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));

      expect(seen).toEqual(['changed watched-1 1', 'changed watched-2 1', 'changed watched-1 2', 'gone watched-2 1']);
      expect(informer.all().map((object) => object.metadata.name)).toEqual(['watched-1']);
      expect(informer.get(subject.namespace, 'watched-1')?.['data']).toEqual({ a: '2' });
      await informer.close();
    });
  });
}
