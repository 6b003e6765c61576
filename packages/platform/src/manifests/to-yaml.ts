import { Document, stringify } from 'yaml';
import type { KubeManifest } from './manifest.ts';

/** Documents of a YAML stream, each with a comment that says where it comes from; the same objects always give the same bytes. */
export function toYaml(manifests: readonly (KubeManifest & { readonly [field: string]: unknown })[], origin?: (manifest: KubeManifest) => string): string {
  return manifests
    .map((manifest) => {
      const document = new Document(manifest, { aliasDuplicateObjects: false });
      if (origin !== undefined) document.commentBefore = ` ${origin(manifest)}`;
      return stringify(document, { lineWidth: 0 });
    })
    .join('---\n');
}
