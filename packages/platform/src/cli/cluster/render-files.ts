import { PlatformError } from '@maru/api/errors';
import type { KubeObject } from '#kube';
import { loadResources } from '../load-resources.ts';
import type { ClusterFlags } from './cluster-flags.ts';

/** The objects of resource files, in the order in which they can be applied. Throws `usage` and what rendering throws. */
export async function renderFiles(
  files: readonly string[],
  { namespace, dynamoVersion }: Pick<ClusterFlags, 'namespace' | 'dynamoVersion'>,
): Promise<readonly KubeObject[]> {
  const { DYNAMO_VERSIONS, renderResources } = await import('#manifests');
  const version = DYNAMO_VERSIONS.find((known) => known === dynamoVersion);
  if (version === undefined) throw new PlatformError('usage', { message: `--dynamo-version must be ${DYNAMO_VERSIONS.join(' or ')}, not "${dynamoVersion}"` });
  const { objects } = renderResources({ resources: await loadResources(files), options: { namespace, dynamoVersion: version } });
  return objects.map(({ manifest }) => manifest as KubeObject);
}

/** `Kind/name`, as people write it. */
export const nameOf = ({ kind, metadata }: KubeObject): string => `${kind}/${metadata.name}`;
