import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '../../packages/platform/src/kube/index.ts';
import { fromYaml } from '../../packages/platform/src/manifests/index.ts';

/** Where the CRDs of Karpenter, KEDA, the Gateway API and others lie; they are read, never copied into the repository. */
const FOLDER = process.env['MARU_UPSTREAM_CRDS'] ?? join(import.meta.dirname, '../../../shared/reference/crds');

/** The CRDs that rendered objects need. Throws when the folder is absent: a suite that checks against nothing would prove nothing. */
export function readUpstreamCrds(): readonly KubeObject[] {
  let files: readonly string[];
  try {
    files = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));
  } catch (cause) {
    throw new Error(`the upstream CRDs are not at ${FOLDER}; set MARU_UPSTREAM_CRDS to a folder that has them`, { cause });
  }
  return files
    .filter((file) => USED.some((name) => file.startsWith(name)))
    .flatMap((file) =>
      (fromYaml(readFileSync(join(FOLDER, file), 'utf8')) as readonly KubeObject[]).filter((object) => object.kind === 'CustomResourceDefinition'),
    );
}

const USED = ['ec2nodeclasses.', 'nodepools.', 'httproutes.', 'inferencepools.', 'leaderworkersets.', 'prometheusrules.', 'servicemonitors.', 'scaledobjects.'];
