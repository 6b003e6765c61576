import { API_VERSION, KIND_NAMES, KINDS, type Kind } from '@maru/api/resources';
import { z } from 'zod';
import type { KubeManifest } from '../manifest.ts';
import type { JsonSchema, StructuralSchema } from './json-schema.ts';
import { assertStructural, toStructuralSchema } from './structural-schema.ts';

const [GROUP = '', VERSION = ''] = API_VERSION.split('/');

/** The CustomResourceDefinitions of all kinds, made from the schemas of `@maru/api/resources`; pure. */
export const renderCrds = (): readonly KubeManifest[] => KIND_NAMES.map(renderCrd);

function renderCrd(kind: Kind): KubeManifest {
  const definition = KINDS[kind];
  const root = toStructuralSchema(z.toJSONSchema(definition.schema, { io: 'input' }) as JsonSchema);
  const name = root.properties?.['metadata']?.properties?.['name'];
  const openAPIV3Schema: StructuralSchema = {
    type: 'object',
    description: definition.description,
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      // The API server owns the metadata; a CRD may only narrow the name.
      metadata: { type: 'object', ...(name === undefined ? {} : { properties: { name } }) },
      spec: root.properties?.['spec'] ?? { type: 'object' },
      status: root.properties?.['status'] ?? { type: 'object' },
    },
    required: ['spec'],
  };
  assertStructural(openAPIV3Schema, kind);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${definition.plural}.${GROUP}` },
    spec: {
      group: GROUP,
      names: {
        kind,
        listKind: `${kind}List`,
        plural: definition.plural,
        singular: kind.toLowerCase(),
        shortNames: [...definition.shortNames],
        categories: ['maru'],
      },
      scope: 'Namespaced',
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            ...definition.columns.map((column) => ({ ...column })),
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          schema: { openAPIV3Schema },
        },
      ],
    },
  };
}
