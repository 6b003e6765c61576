import { renderCrds, toYaml } from '../../packages/platform/src/manifests/index.ts';

/** `charts/maru/crds/*.yaml`: the CustomResourceDefinitions that the operator also applies by itself. */
export function crdFiles(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    renderCrds().map((crd) => [
      `charts/maru/crds/${crd.metadata.name}.yaml`,
      `# Generated from packages/api/src/resources by "npm run generate"; do not edit.\n${toYaml([crd])}`,
    ]),
  );
}
