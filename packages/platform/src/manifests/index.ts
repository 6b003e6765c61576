export { renderCrds } from './crds/render-crds.ts';
export type { Finding } from './lint/finding.ts';
export { lintManifests } from './lint/lint-manifests.ts';
export type { KubeManifest } from './manifest.ts';
export { kubeName, LABELS } from './names.ts';
export type { Images, RenderOptions } from './render-options.ts';
export { renderResources } from './render-resources.ts';
export type { Rendered, RenderNote, RenderResult } from './rendered.ts';
export { toCommentedYaml, toYaml } from './to-yaml.ts';
