import { KIND_NAMES } from '@maru/api/resources';
import { describe, expect, it } from 'vitest';
import type { StructuralSchema } from './json-schema.ts';
import { renderCrds } from './render-crds.ts';
import { toStructuralSchema } from './structural-schema.ts';

const schemaOf = (kind: string): StructuralSchema => {
  const crd = renderCrds().find((each) => (each['spec'] as { names: { kind: string } }).names.kind === kind);
  const spec = crd?.['spec'] as { versions: { schema: { openAPIV3Schema: StructuralSchema } }[] };
  return spec.versions[0]?.schema.openAPIV3Schema ?? {};
};

describe('renderCrds', () => {
  it('makes one per kind, with a status subresource and columns', () => {
    const crds = renderCrds();
    expect(crds.map((crd) => (crd['spec'] as { names: { kind: string } }).names.kind)).toEqual([...KIND_NAMES]);
    for (const crd of crds) {
      const [version] = (crd['spec'] as { versions: { subresources: unknown; additionalPrinterColumns: { name: string }[] }[] }).versions;
      expect(version?.subresources).toEqual({ status: {} });
      expect(version?.additionalPrinterColumns.at(-1)?.name).toBe('Age');
    }
  });

  it('has no word that a structural schema forbids', () => {
    const text = JSON.stringify(renderCrds());
    for (const word of ['"$ref"', '"oneOf"', '"anyOf"', '"const"', '"propertyNames"', '"$schema"', '9007199254740991']) expect(text).not.toContain(word);
  });

  it('says as a rule what a refinement says in the schema of files', () => {
    expect(schemaOf('Model').properties?.['spec']?.['x-kubernetes-validations']).toEqual([
      { rule: 'has(self.provider) != has(self.serving)', message: 'needs exactly one of "provider" and "serving"' },
      {
        rule: "!has(self.serving) || !has(self.serving.answer) || self.serving.engine == 'reader'",
        message: 'only the engine "reader" answers with a text of its own',
      },
      {
        rule: "!has(self.serving) || !has(self.serving.dynamo) || self.serving.engine == 'dynamo'",
        message: 'only the engine "dynamo" has settings of Dynamo',
      },
    ]);
  });

  it('keeps defaults, but never those of one variant of a union', () => {
    const spec = schemaOf('Agent').properties?.['spec'];
    expect(spec?.properties?.['graph']?.default).toBe('react');
    expect(spec?.properties?.['tools']?.items?.properties?.['topK']?.default).toBeUndefined();
  });

  it('keeps unknown fields of a status', () => {
    expect(schemaOf('Model').properties?.['status']?.['x-kubernetes-preserve-unknown-fields']).toBe(true);
  });
});

describe('toStructuralSchema', () => {
  it('writes exclusive bounds as OpenAPI 3.0 does', () => {
    expect(toStructuralSchema({ type: 'number', exclusiveMinimum: 0 })).toEqual({ type: 'number', minimum: 0, exclusiveMinimum: true });
  });

  it('keeps anything where anything is allowed', () => {
    expect(toStructuralSchema({ type: 'object', additionalProperties: {} })).toEqual({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
    expect(toStructuralSchema({})).toEqual({ 'x-kubernetes-preserve-unknown-fields': true });
  });

  it('refuses a union whose variants disagree about a field', () => {
    const variant = (type: string, kind: string): object => ({
      type: 'object',
      properties: { kind: { type: 'string', const: kind }, value: { type } },
      required: ['kind'],
    });
    expect(() => toStructuralSchema({ oneOf: [variant('string', 'a'), variant('number', 'b')] })).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});
