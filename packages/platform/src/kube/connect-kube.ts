import { createKube } from './create-kube.ts';
import type { Credentials } from './credentials.ts';
import type { Kube } from './kube.ts';
import type { KubeconfigAccess } from './kubeconfig-credentials.ts';
import type { TokenAccess } from './token-credentials.ts';

/** How to reach a cluster; the same three ways as `spec.access` of a Cluster resource. */
export type KubeAccess = { readonly type: 'in-cluster' } | ({ readonly type: 'kubeconfig' } & KubeconfigAccess) | ({ readonly type: 'token' } & TokenAccess);

/**
 * Connects to a cluster; nothing is sent yet. Throws `config_invalid` when the kubeconfig or service account can not be read.
 *
 * @example const kube = await connectKube({ type: 'kubeconfig', context: 'prod' });
 */
export async function connectKube(access: KubeAccess): Promise<Kube> {
  // At first use: undici, which these bring, is large, and most processes never speak to a cluster.
  const { createTransport } = await import('./transport.ts');
  return createKube(createTransport(await credentialsFor(access)));
}

async function credentialsFor(access: KubeAccess): Promise<Credentials> {
  if (access.type === 'kubeconfig') return (await import('./kubeconfig-credentials.ts')).createKubeconfigCredentials(access);
  const tokens = await import('./token-credentials.ts');
  return access.type === 'token' ? tokens.createTokenCredentials(access) : tokens.createInClusterCredentials();
}
