import { describe, expect, it } from 'vitest';
import { fromYaml } from './from-yaml.ts';
import { toYaml } from './to-yaml.ts';

const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { text: 'one\ntwo: "three"\n', number: '08', yes: 'yes' } };

describe('fromYaml', () => {
  it('reads back what toYaml writes', () => {
    expect(fromYaml(toYaml([object, object]))).toEqual([object, object]);
  });

  it('skips empty documents and comments', () => {
    expect(fromYaml(`---\n# nothing\n---\n${toYaml([object])}---\n`)).toEqual([object]);
  });

  it.each([
    ['broken YAML', 'a: [1', /line 1/],
    ['a document that is no object', 'apiVersion: v1\nkind: Pod\n', /metadata\.name/],
    ['a plain word', 'hello', /no Kubernetes object/],
    ['too many aliases', `a: &a [1]\nb: &b [${'*a,'.repeat(60)}]\nc: [${'*b,'.repeat(60)}]\n`, /alias/i],
  ])('refuses %s', (_what, text, message) => {
    expect(() => fromYaml(text)).toThrow(expect.objectContaining({ code: 'yaml_syntax', message: expect.stringMatching(message) }));
  });
});
