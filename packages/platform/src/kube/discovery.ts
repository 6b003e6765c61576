import { PlatformError } from '@maru/api/errors';
import type { Transport } from './transport.ts';

/** Where a kind lives in the API. */
interface ResourceType {
  readonly plural: string;
  readonly namespaced: boolean;
}

interface ApiResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/** Finds the path of a kind by asking the server once per group and version. */
export interface Discovery {
  find(apiVersion: string, kind: string, signal?: AbortSignal): Promise<ResourceType | undefined>;
  /** Like `find`, but an unknown kind is an error that says what to install. */
  require(apiVersion: string, kind: string, signal?: AbortSignal): Promise<ResourceType>;
}

export function createDiscovery(transport: Transport): Discovery {
  const known = new Map<string, ResourceType>();

  const find = async (apiVersion: string, kind: string, signal?: AbortSignal): Promise<ResourceType | undefined> => {
    const key = `${apiVersion}/${kind}`;
    const hit = known.get(key);
    if (hit !== undefined) return hit;
    // Only hits are kept: a CRD may be installed at any moment.
    const list = await transport.call<ApiResourceList>({ method: 'GET', path: groupPath(apiVersion), signal });
    for (const resource of list?.resources ?? []) {
      if (!resource.name.includes('/')) known.set(`${apiVersion}/${resource.kind}`, { plural: resource.name, namespaced: resource.namespaced });
    }
    return known.get(key);
  };

  return {
    find,
    async require(apiVersion, kind, signal) {
      const type = await find(apiVersion, kind, signal);
      if (type === undefined) {
        throw new PlatformError('cluster_rejected', {
          message: `the cluster does not know ${kind} of ${apiVersion}; install its CustomResourceDefinition`,
          details: { status: 404, reason: 'NoKindMatch', apiVersion, kind },
        });
      }
      return type;
    },
  };
}

/** `/api/v1` for the core group, `/apis/group/version` for all others. */
export const groupPath = (apiVersion: string): string => (apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`);
