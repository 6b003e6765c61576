import { Document, stringify } from 'yaml';
import type { KubeManifest } from './manifest.ts';
import type { Rendered } from './rendered.ts';

/** A YAML stream; the same objects always give the same bytes. */
export const toYaml = (manifests: readonly KubeManifest[]): string => manifests.map((manifest) => print(manifest)).join('---\n');

/** A YAML stream in which a comment above each object says which resource asked for it, and why. */
export const toCommentedYaml = (objects: readonly Rendered[]): string =>
  objects.map(({ manifest, origin, purpose }) => print(manifest, `${origin}: ${purpose}`)).join('---\n');

function print(manifest: KubeManifest, comment?: string): string {
  const document = new Document(manifest, { aliasDuplicateObjects: false });
  if (comment !== undefined) document.commentBefore = ` ${comment}`;
  return stringify(document, { lineWidth: 0 });
}
