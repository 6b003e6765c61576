import { PlatformError } from '@maru/api/errors';
import type { Kube } from '#kube';
import { renderCrds } from '#manifests';
import type { Clock } from '#time';

const WAIT_MS = 60_000;
const LOOK_EVERY_MS = 200;

/** Applies the CRDs of Maru and waits until the server serves them. Throws `cluster_rejected` when one is not accepted. */
export async function installCrds(kube: Kube, clock: Clock, signal: AbortSignal): Promise<void> {
  const crds = renderCrds();
  for (const crd of crds) await kube.apply(crd, { force: true, signal });
  for (const crd of crds) {
    const deadline = clock.monotonicMs() + WAIT_MS;
    const { group, names, versions } = crd['spec'] as { group: string; names: { kind: string }; versions: readonly { name: string }[] };
    while (!(await kube.serves(`${group}/${versions[0]?.name ?? ''}`, names.kind, { signal }))) {
      if (clock.monotonicMs() > deadline) {
        throw new PlatformError('cluster_rejected', {
          message: `the API server does not serve ${crd.metadata.name} after ${WAIT_MS / 1000} s; look at its conditions with kubectl describe crd ${crd.metadata.name}`,
        });
      }
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }
}
