import { createKube } from './create-kube.ts';
import type { Kube } from './kube.ts';
import { createKubeconfigCredentials, type KubeconfigAccess } from './kubeconfig-credentials.ts';
import { createInClusterCredentials, createTokenCredentials, type TokenAccess } from './token-credentials.ts';
import { createTransport } from './transport.ts';

/** How to reach a cluster; the same three ways as `spec.access` of a Cluster resource. */
export type KubeAccess = { readonly type: 'in-cluster' } | ({ readonly type: 'kubeconfig' } & KubeconfigAccess) | ({ readonly type: 'token' } & TokenAccess);

/**
 * Connects to a cluster; nothing is sent yet. Throws `config_invalid` when the kubeconfig or service account can not be read.
 *
 * @example const kube = await connectKube({ type: 'kubeconfig', context: 'prod' });
 */
export async function connectKube(access: KubeAccess): Promise<Kube> {
  switch (access.type) {
    case 'in-cluster':
      return createKube(createTransport(await createInClusterCredentials()));
    case 'kubeconfig':
      return createKube(createTransport(await createKubeconfigCredentials(access)));
    case 'token':
      return createKube(createTransport(createTokenCredentials(access)));
  }
}
