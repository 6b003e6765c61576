import { inject } from 'vitest';
import { connectKube, type Kube, type KubeObject } from '../../packages/platform/src/kube/index.ts';

/** A client with all rights on the API server of the suite. */
export const connectAdmin = (): Promise<Kube> => connectKube({ type: 'token', server: inject('server'), token: inject('token'), insecureSkipTlsVerify: true });

/** Makes a namespace for one test file. */
export async function createNamespace(kube: Kube, name: string, labels: Readonly<Record<string, string>> = {}): Promise<string> {
  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  return name;
}

/** Asks again until the answer is defined; the wait ends with an error that says what was missing. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>, withinMs = 15_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Applies CRDs and waits until the server serves them. */
export async function installCrds(kube: Kube, crds: readonly KubeObject[]): Promise<void> {
  for (const crd of crds) await kube.apply(crd, { force: true });
  for (const crd of crds) {
    await eventually(`CRD ${crd.metadata.name} established`, async () => {
      const live = await kube.get({ apiVersion: crd.apiVersion, kind: crd.kind, name: crd.metadata.name });
      const conditions = (live?.['status'] as { conditions?: { type: string; status: string; message?: string }[] } | undefined)?.conditions ?? [];
      return conditions.some((condition) => condition.type === 'Established' && condition.status === 'True') ? true : undefined;
    });
  }
}
