export { renderCrds } from './crds/render-crds.ts';
export type { KubeManifest } from './manifest.ts';
export { toYaml } from './to-yaml.ts';
