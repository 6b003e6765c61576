import type { AgentOptions, RequestOptions } from 'node:https';
import { PlatformError } from '@maru/api/errors';
import type { Credentials } from './credentials.ts';
import { openDispatcher } from './open-dispatcher.ts';

export interface KubeconfigAccess {
  /** `KUBECONFIG` or `~/.kube/config` where left out. */
  readonly path?: string | undefined;
  /** The current context of the file where left out. */
  readonly context?: string | undefined;
}

/** A context of a kubeconfig, with client certificates, exec plugins (`aws eks get-token`), OIDC and proxies. */
export async function createKubeconfigCredentials(access: KubeconfigAccess): Promise<Credentials> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    if (access.path === undefined) config.loadFromDefault();
    else config.loadFromFile(access.path);
  } catch (cause) {
    throw new PlatformError('config_invalid', { message: `the kubeconfig ${access.path ?? 'of this user'} can not be read: ${messageOf(cause)}`, cause });
  }
  if (access.context !== undefined) config.setCurrentContext(access.context);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    const names = config.getContexts().map((context) => context.name);
    throw new PlatformError('config_invalid', {
      message: `the kubeconfig has no context "${config.getCurrentContext() ?? ''}" with a cluster; it has ${names.length === 0 ? 'none' : names.join(', ')}`,
    });
  }

  const identify = async (): Promise<Identity> => {
    const options: Identity = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch (cause) {
      throw new PlatformError('cluster_unreachable', { message: `the credentials of the kubeconfig could not be obtained: ${messageOf(cause)}`, cause });
    }
    return options;
  };

  const way = config.createDispatcherOptions(cluster, await identify());
  return {
    server: cluster.server.replace(/\/+$/, ''),
    headers: async () => toHeaders(await identify()),
    dispatcher: openDispatcher(way),
  };
}

type Identity = RequestOptions & AgentOptions;

/** What the library found out of who the user is: tokens as headers, a name and a password by themselves. */
function toHeaders({ headers, auth }: Identity): Record<string, string> {
  const found: Record<string, string> = auth === undefined || auth === null ? {} : { authorization: `Basic ${Buffer.from(auth).toString('base64')}` };
  for (const [name, value] of Object.entries(headers ?? {})) found[name.toLowerCase()] = String(value);
  return found;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
