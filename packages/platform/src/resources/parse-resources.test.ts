import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSet, formatProblem, parseResources } from './index.ts';

const said = (text: string): string[] => {
  const parsed = parseResources(text, { file: 'stack.yaml' });
  return [...parsed.problems, ...checkSet(parsed.resources)].map(formatProblem);
};
const resource = (kind: string, name: string, spec: string): string =>
  `apiVersion: maru.dev/v1alpha1\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec:\n${spec.replace(/^/gm, '  ')}\n`;
const reader = resource('Model', 'reader', 'serving:\n  engine: reader');

describe('parseResources', () => {
  it('reads several documents and keeps their text with comments', () => {
    const { resources, problems } = parseResources(`# the reader\n${reader}---\n${resource('Route', 'auto', 'backends:\n  - model: reader # only one')}`);

    expect(problems).toEqual([]);
    expect(resources.map((entry) => `${entry.resource.kind}/${entry.resource.metadata.name}`)).toEqual(['Model/reader', 'Route/auto']);
    expect(resources[1]?.yaml).toContain('# only one');
  });

  it('fills defaults in', () => {
    const route = parseResources(resource('Route', 'auto', 'backends:\n  - model: reader')).resources[0]?.resource;

    expect(route?.kind === 'Route' && route.spec.policy).toBe('maru');
    expect(route?.kind === 'Route' && route.spec.backends[0]?.order).toBe(0);
  });

  it('names the place and the nearest field of an unknown field', () => {
    expect(said(resource('Route', 'auto', 'backends:\n  - model: reader\n    wieght: 3'))).toContain(
      'stack.yaml:8:7: spec.backends[0].wieght: unknown field; did you mean "weight"?',
    );
  });

  it('names the nearest kind', () => {
    expect(said('apiVersion: maru.dev/v1alpha1\nkind: Rout\n')).toEqual(['stack.yaml:2:1: kind: unknown kind "Rout"; did you mean "Route"?']);
  });

  it('names what was expected and what was found for a wrong type', () => {
    expect(said(resource('Model', 'm', 'serving:\n  engine: reader\n  replicas: many'))).toEqual([
      'stack.yaml:8:5: spec.serving.replicas: expected a number, found "many"',
    ]);
  });

  it('names the nearest allowed value', () => {
    expect(said(resource('Route', 'auto', 'policy: rondom\nbackends:\n  - model: reader'))[0]).toMatch(
      /^stack\.yaml:6:3: spec\.policy: expected one of .* found "rondom"; did you mean "random"\?$/,
    );
  });

  it('names the allowed types of a union', () => {
    expect(said(resource('Agent', 'a', 'model: reader\ninstructions: x\ntools:\n  - type: knowlege'))[0]).toContain(
      'spec.tools[0].type: expected one of "knowledge"',
    );
  });

  it('says what is missing', () => {
    expect(said(resource('Agent', 'a', 'model: reader'))).toContain('stack.yaml:5:1: spec.instructions: missing; expected a string');
  });

  it('wants exactly one of provider and serving', () => {
    expect(said(resource('Model', 'm', 'description: neither'))[0]).toContain('needs exactly one of "provider"');
  });

  it('places a YAML syntax error', () => {
    expect(said('kind: [unclosed\nother: 1\n')[0]).toMatch(/^stack\.yaml:\d+:\d+: /);
  });

  it('refuses another apiVersion, a list and a scalar', () => {
    expect(said('apiVersion: v1\nkind: Pod\n')[0]).toContain('expected "maru.dev/v1alpha1", found "v1"');
    expect(said('- a\n')[0]).toContain('not a list');
    expect(said('just text\n')[0]).toContain('not a string');
  });

  it('survives a bomb of aliases', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x, x]',
      ...'bcdefghi'.split('').map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefghi'[index]}`).join(', ')}]`),
    ].join('\n');

    expect(said(bomb)[0]).toContain('alias');
  });

  it('never throws, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => Array.isArray(parseResources(text).problems)),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.object(), (value) =>
        parseResources(JSON.stringify({ apiVersion: 'maru.dev/v1alpha1', kind: 'Model', metadata: { name: 'x' }, spec: value })).problems.every(
          (problem) => problem.line >= 1,
        ),
      ),
      { numRuns: 200 },
    );
  });
});

describe('checkSet', () => {
  it('finds two resources of one name', () => {
    expect(said(`${reader}---\n${reader}`)).toEqual(['stack.yaml:12:3: metadata.name: Model/reader exists already at stack.yaml:4']);
  });

  it('finds a model and a route that clients could not tell apart', () => {
    expect(said(`${reader}---\n${resource('Route', 'reader', 'backends:\n  - model: reader')}`)[0]).toContain(
      'the public name "reader" belongs to Model/reader already',
    );
  });

  it('finds a missing reference and the nearest name', () => {
    expect(said(`${reader}---\n${resource('Route', 'auto', 'backends:\n  - model: reeder')}`)).toEqual([
      'stack.yaml:15:7: spec.backends[0].model: no Model is called "reeder"; did you mean "reader"?',
    ]);
  });

  it('lets routes be the fallbacks of each other', () => {
    const routes = ['a', 'b'].map((name, index) => resource('Route', name, `backends:\n  - model: reader\nfallbacks:\n  - to: [${'ba'[index]}]`));

    expect(said([reader, ...routes].join('---\n'))).toEqual([]);
  });

  it('finds steps of a pipeline that wait for each other', () => {
    const text = resource(
      'Pipeline',
      'p',
      'steps:\n  - {name: one, type: ingest, knowledgeBase: k, needs: [two]}\n  - {name: two, type: ingest, knowledgeBase: k, needs: [one]}',
    );

    expect(said(text).join('\n')).toContain('Pipeline/p#one -> Pipeline/p#two -> Pipeline/p#one');
  });
});
