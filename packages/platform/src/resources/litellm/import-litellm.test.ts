import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { checkSet } from '../check-set.ts';
import { importLitellm } from './import-litellm.ts';

const read = (text: string, variables: Readonly<Record<string, string>> = {}) =>
  importLitellm(text, { file: 'config.yaml', environment: (name) => variables[name] });
const model = (params: Record<string, unknown>, name = 'm') => ({ model_name: name, litellm_params: { model: 'openai/gpt-4o', ...params } });
const config = (entries: readonly unknown[], more: Record<string, unknown> = {}) => read(stringify({ model_list: entries, ...more }));
const routeOf = async (entries: readonly unknown[], more: Record<string, unknown> = {}) => {
  const { resources } = await config(entries, more);
  const route = resources.map((entry) => entry.resource).find((resource) => resource.kind === 'Route');
  if (route?.kind !== 'Route') throw new TypeError('no route');
  return route.spec;
};

describe('a LiteLLM configuration', () => {
  it('keeps a written key out of the resources, under a name that changes with the key', async () => {
    const one = await config([model({ api_key: 'sk-written-1' })]);
    const two = await config([model({ api_key: 'sk-written-2' })]);

    expect([...one.secrets.values()]).toEqual(['sk-written-1']);
    expect(JSON.stringify(one.resources)).not.toContain('sk-written-1');
    expect([...one.secrets.keys()]).not.toEqual([...two.secrets.keys()]);
  });

  it('shares by weight where one has a weight, else by rpm, else by tpm', async () => {
    const weights = async (entries: readonly Record<string, unknown>[]) =>
      (await routeOf(entries.map((params) => model(params)))).backends.map((backend) => backend.weight);

    expect(await weights([{ weight: 3, rpm: 1 }, { rpm: 9 }])).toEqual([3, 0]);
    expect(await weights([{ rpm: 10 }, { rpm: 30 }])).toEqual([10, 30]);
    expect(await weights([{ tpm: 1000 }, { tpm: 500 }])).toEqual([1000, 500]);
    expect(await weights([{}, {}])).toEqual([undefined, undefined]);
    expect(await weights([{ weight: 0.75 }, { weight: 0.25 }])).toEqual([1000, 333]);
  });

  it('lets router_settings win, and a model over both', async () => {
    const settings = { litellm_settings: { num_retries: 9 }, router_settings: { num_retries: 4 } };

    expect((await routeOf([model({})], settings)).retries.attempts).toBe(4);
    expect((await routeOf([model({ num_retries: 1 })], settings)).retries.attempts).toBe(1);
    expect((await routeOf([model({})])).retries.attempts).toBe(2);
  });

  it('finds fallbacks by the exact name, then without the provider, then by the star, then the default ones', async () => {
    const toOf = async (name: string, more: Record<string, unknown>) =>
      (await routeOf([model({}, name), model({}, 'spare'), model({}, 'other')], more)).fallbacks.map(({ to }) => to);

    expect(await toOf('openai/a', { router_settings: { fallbacks: [{ a: ['spare'] }, { 'openai/a': ['other'] }] } })).toEqual([['other']]);
    expect(await toOf('openai/a', { router_settings: { fallbacks: [{ a: ['spare'] }] } })).toEqual([['spare']]);
    expect(await toOf('a', { router_settings: { fallbacks: [{ '*': ['spare'] }] } })).toEqual([['spare']]);
    expect(await toOf('a', { litellm_settings: { default_fallbacks: ['other', 'a'] } })).toEqual([['other']]);
  });

  it('names a reference to a variable that is not set, with its line', async () => {
    const { warnings } = await read('model_list:\n  - model_name: a\n    litellm_params:\n      model: openai/gpt-4o\n      api_base: os.environ/NOT_SET\n');

    expect(warnings).toContain('config.yaml:5: model_list[0].litellm_params.api_base: the variable NOT_SET is not set');
  });

  it('lets a variable of the file win over the environment', async () => {
    const text = stringify({ environment_variables: { KEY: 'sk-of-the-file' }, model_list: [model({ api_key: 'os.environ/KEY' })] });

    expect([...(await read(text, { KEY: 'sk-of-the-environment' })).secrets.values()]).toEqual(['sk-of-the-file']);
  });

  it('leaves out a deployment that can not be a Model, with the reason, and keeps the others', async () => {
    const { resources, problems, warnings } = await config([
      model({ model: 'vertex_ai/gemini-2.5-pro', vertex_location: 'US Central' }, 'bad'),
      model({}, 'good'),
    ]);

    expect(problems).toEqual([]);
    expect(resources.map((entry) => entry.resource.metadata.name)).toEqual(['good-1', 'good']);
    expect(warnings.join('\n')).toContain('model_list[0]: spec.provider.region: must be a region');
  });

  it.each([
    ['max_budget', -5e-324],
    ['max_budget', 1e10],
    ['timeout', 1e21],
    ['rpm', 2 ** 53],
    ['weight', 2 ** 53],
    ['weight', -3],
  ])('takes no number that a resource can not have: %s %d', async (name, number) => {
    const entry = (more: object) => ({ model_name: 'm', litellm_params: { model: 'openai/m', api_key: 'sk-0123456789abcdef', ...more } });
    const { resources, problems } = await config([entry({ [name]: number }), entry({ [name]: 1 })], {});

    expect(problems).toEqual([]);
    expect(checkSet(resources)).toEqual([]);
  });

  it('never throws, and never makes a set that is not sound, whatever the file holds', async () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.double(),
      fc.array(fc.string(), { maxLength: 3 }),
      fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
    );
    const params = fc.dictionary(
      fc.constantFrom('model', 'api_base', 'rpm', 'weight', 'order', 'timeout', 'tags', 'max_budget', 'organization', 'api_key', 'extra_headers'),
      value,
    );
    const info = fc.dictionary(fc.constantFrom('id', 'mode', 'max_input_tokens', 'team_id', 'input_cost_per_token', 'output_cost_per_token'), value);
    const entry = fc.record({ model_name: fc.oneof(fc.string(), value), litellm_params: fc.oneof(params, value), model_info: info });
    const settings = fc.dictionary(
      fc.constantFrom(
        'fallbacks',
        'num_retries',
        'routing_strategy',
        'model_group_alias',
        'retry_policy',
        'cooldown_time',
        'allowed_fails',
        'cache',
        'cache_params',
      ),
      value,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(entry, value), { maxLength: 5 }), settings, async (list, block) => {
        // The merge key of YAML, which is refused before anything is imported.
        fc.pre(!JSON.stringify([list, block]).includes('"<<"'));
        const { resources, problems } = await config(list, { router_settings: block, litellm_settings: block });

        expect(problems).toEqual([]);
        expect(checkSet(resources)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('what a deployment sets for its requests', () => {
  const modelOf = async (params: Record<string, unknown>, info: Record<string, unknown> = {}) => {
    const { resources, warnings } = await config([{ ...model(params), model_info: info }], { general_settings: { master_key: 'sk-a-long-enough-key' } });
    const found = resources.map((entry) => entry.resource).find((resource) => resource.kind === 'Model');
    return { spec: found?.kind === 'Model' ? found.spec : undefined, warnings };
  };

  it('is taken over, with the fields of extra_body', async () => {
    const { spec, warnings } = await modelOf({
      temperature: 0,
      max_tokens: 100,
      parallel_tool_calls: false,
      extra_body: { top_k: 5 },
      rpm: 3,
      extra_headers: { a: 'b' },
    });

    expect(spec?.defaults).toEqual({ temperature: 0, max_tokens: 100, parallel_tool_calls: false, top_k: 5 });
    expect(warnings).toEqual([]);
  });

  it('never holds what looks like a secret, nor what only a request can say', async () => {
    const { spec, warnings } = await modelOf({ apikey: 'sk-canary', my_secret: 'canary', prompt_cache_key: 'ok', messages: [], stream: true, user: 'u' });

    expect(spec?.defaults).toEqual({ prompt_cache_key: 'ok' });
    expect(warnings.map((warning) => / model_list\[0\]\.litellm_params\.(\w+): /.exec(warning)?.[1])).toEqual([
      'apikey',
      'my_secret',
      'messages',
      'stream',
      'user',
    ]);
  });

  it('may be a whole answer', async () => {
    const { spec } = await modelOf({ mock_response: 'hi', api_key: 'sk-x' });

    expect(spec?.serving).toMatchObject({ engine: 'reader', answer: 'hi', servedName: 'openai/gpt-4o' });
    expect(spec?.provider).toBeUndefined();
    expect((await modelOf({ mock_response: ['no', 'text'] })).spec?.provider?.name).toBe('openai');
    expect((await modelOf({ mock_response: 'litellm.RateLimitError' })).warnings[0]).toContain('errors are not imitated');
  });

  it('may be another model for the price', async () => {
    expect((await modelOf({}, { base_model: 'azure/gpt-4o-mini' })).spec?.provider?.baseModel).toBe('azure/gpt-4o-mini');
    expect((await modelOf({}, { base_model: 'somewhere/else' })).spec?.provider?.baseModel).toBe('somewhere/else');
    expect((await modelOf({ api_base: 'http://127.0.0.1:9/v1' })).spec?.provider).toMatchObject({ name: 'openai-compatible', baseModel: 'openai/gpt-4o' });
    expect((await modelOf({})).spec?.provider?.baseModel).toBeUndefined();
  });
});

describe('rules of a LiteLLM configuration', () => {
  const rulesOf = async (more: Record<string, unknown>, variables: Record<string, string> = {}) => {
    const { rules, warnings } = await read(stringify({ model_list: [], ...more }), { LITELLM_MASTER_KEY: 'sk-a-long-enough-key', ...variables });
    return { rules, warnings };
  };

  it('keep what keys, teams and users get, and name what is not known', async () => {
    const { rules, warnings } = await rulesOf({
      litellm_settings: {
        default_key_generate_params: { max_budget: 1, colour: 'red' },
        upperbound_key_generate_params: { duration: '30d' },
        default_team_params: [],
      },
    });

    expect(rules).toMatchObject({ defaults: { key: { max_budget: 1 }, team: {} }, keyBounds: { duration: '30d' } });
    expect(warnings.join('\n')).toMatch(/default_key_generate_params\.colour: is not known/);
    expect(warnings.join('\n')).toMatch(/default_team_params: must be a map/);
  });

  it('read pass-through endpoints, with references inside of a header', async () => {
    const endpoint = {
      path: '/v1/cohere/',
      target: 'https://api.cohere.com/v1/',
      headers: { Authorization: 'bearer os.environ/CO', X: 'os.environ/CO' },
      cost_per_request: 0.5,
      auth: true,
    };
    const { rules, warnings } = await rulesOf(
      { general_settings: { pass_through_endpoints: [{ ...endpoint, include_subpath: true, methods: ['post'] }] } },
      { CO: 'co-key' },
    );

    expect(warnings).toEqual([]);
    expect(rules.passThrough).toEqual([
      {
        path: '/v1/cohere',
        target: 'https://api.cohere.com/v1',
        headers: { authorization: 'bearer co-key', x: 'co-key' },
        subpaths: true,
        forwardHeaders: false,
        methods: ['POST'],
        usdPerRequest: 0.5,
      },
    ]);
  });

  it('leave out endpoints that would hide the platform or lead nowhere', async () => {
    const list = ['/', '/api/x', '/v1/chat/completions', '/key', '/a/../b', 'x'].map((path) => ({ path, target: 'https://e.example', auth: true }));
    const { rules, warnings } = await rulesOf({
      general_settings: { pass_through_endpoints: [...list, { path: '/ok', target: 'file:///etc', auth: true }, 'x'] },
    });

    expect(rules.passThrough).toEqual([]);
    expect(warnings).toHaveLength(8);
  });
});
