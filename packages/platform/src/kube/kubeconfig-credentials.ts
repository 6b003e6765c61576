import { PlatformError } from '@maru/api/errors';
import { Agent, type Dispatcher } from 'undici';
import type { Credentials } from './credentials.ts';

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
    const identity: Identity = { headers: {}, dispatcher: undefined };
    const sink = {
      setHeaderParam(name: string, value: string): void {
        identity.headers[name.toLowerCase()] = value;
      },
      setDispatcher(dispatcher: Dispatcher): void {
        identity.dispatcher = dispatcher;
      },
    };
    try {
      await config.applySecurityAuthentication(sink as unknown as Parameters<typeof config.applySecurityAuthentication>[0]);
    } catch (cause) {
      throw new PlatformError('cluster_unreachable', { message: `the credentials of the kubeconfig could not be obtained: ${messageOf(cause)}`, cause });
    }
    return identity;
  };

  const first = await identify();
  const dispatcher = first.dispatcher ?? new Agent();
  return {
    server: cluster.server.replace(/\/+$/, ''),
    async headers() {
      const next = await identify();
      // The library makes a connection pool per call; only the first one is used.
      if (next.dispatcher !== undefined) await next.dispatcher.close();
      return next.headers;
    },
    dispatcher,
  };
}

interface Identity {
  headers: Record<string, string>;
  dispatcher: Dispatcher | undefined;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
