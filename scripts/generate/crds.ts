import { renderCrds, toYaml } from '../../packages/platform/src/manifests/index.ts';
import type { GeneratedFile } from './generated-file.ts';

/** `charts/maru/crds/*.yaml`: the CustomResourceDefinitions that the operator also applies by itself. */
export function generateCrds(): readonly GeneratedFile[] {
  return renderCrds().map((crd) => ({
    path: `charts/maru/crds/${crd.metadata.name}.yaml`,
    content: `# Generated from packages/api/src/resources by "npm run generate"; do not edit.\n${toYaml([crd])}`,
  }));
}
