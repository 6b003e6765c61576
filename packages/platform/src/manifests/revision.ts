import { createHash } from 'node:crypto';
import type { KubeManifest } from './manifest.ts';

/** A short hash of an object; on a pod template it makes a change of its configuration roll the pods. */
export const revisionOf = (manifest: KubeManifest | undefined): string =>
  manifest === undefined ? '' : createHash('sha256').update(JSON.stringify(manifest)).digest('hex').slice(0, 16);
