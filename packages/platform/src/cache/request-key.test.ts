import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { meaningKey, requestKey } from './request-key.ts';
import { asking } from './test-answer.ts';

const tenant = { scope: 'tenant' } as const;
const body = (more: object) => asking('', { body: { model: 'auto', messages: [{ role: 'user', content: 'hi' }], ...more } });

describe('the key of a request', () => {
  it('is the same whatever the order of fields and what does not change an answer', () => {
    const left = requestKey(body({ temperature: 0, seed: 1, user: 'a', metadata: { x: '1' } }), tenant);
    const right = requestKey(body({ seed: 1, temperature: 0, user: 'b' }), tenant);

    expect(left).toBe(right);
  });

  it.each([
    ['another tenant', { ...body({}), tenant: 'team-b' }],
    ['another model', { ...body({}), model: 'other' }],
    ['another operation', { ...body({}), operation: 'completions' }],
    ['a parameter', body({ temperature: 1 })],
    ['tools', body({ tools: [{ type: 'function', function: { name: 'f' } }] })],
    ['a response format', body({ response_format: { type: 'json_object' } })],
    [
      'a system prompt',
      body({
        messages: [
          { role: 'system', content: 's' },
          { role: 'user', content: 'hi' },
        ],
      }),
    ],
  ])('is another one with %s', (_what, other) => {
    expect(requestKey(other, tenant)).not.toBe(requestKey(body({}), tenant));
  });

  it('keeps keys, users and namespaces apart where that is wanted', () => {
    const one = { ...body({}), keyId: 'key_1', user: 'ann' };
    const two = { ...body({}), keyId: 'key_2', user: 'ben' };

    expect(requestKey(one, tenant)).toBe(requestKey(two, tenant));
    expect(requestKey(one, { scope: 'key' })).not.toBe(requestKey(two, { scope: 'key' }));
    expect(requestKey(one, { scope: 'user' })).not.toBe(requestKey({ ...one, user: 'ben' }, { scope: 'user' }));
    expect(requestKey(one, { ...tenant, namespace: 'x' })).not.toBe(requestKey(one, tenant));
  });

  it('can not be moved from one part into the next', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (leftTenant, leftModel, rightTenant, rightModel) => {
        fc.pre(leftTenant !== rightTenant || leftModel !== rightModel);
        const left = { ...body({}), tenant: leftTenant, model: leftModel };
        const right = { ...body({}), tenant: rightTenant, model: rightModel };

        expect(requestKey(left, tenant)).not.toBe(requestKey(right, tenant));
      }),
    );
  });
});

describe('canonical JSON', () => {
  it('says the same as the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('is the same for the same fields in another order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(canonicalJson(Object.fromEntries(Object.entries(value).reverse()))).toBe(canonicalJson(value));
      }),
    );
  });
});

describe('the key of a meaning', () => {
  const embedding = { ...tenant, embedding: 'e5' };

  it('separates the last question from all the rest', () => {
    const one = meaningKey(asking('What is a lease?'), embedding);
    const two = meaningKey(asking('Tell me what a lease is'), embedding);

    expect(one?.question).toBe('What is a lease?');
    expect(one?.facet).toBe(two?.facet);
  });

  it.each([
    [
      'another system prompt',
      body({
        messages: [
          { role: 'system', content: 'be rude' },
          { role: 'user', content: 'hi' },
        ],
      }),
    ],
    [
      'an earlier turn',
      body({
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
          { role: 'user', content: 'hi' },
        ],
      }),
    ],
    ['tools', body({ tools: [{ type: 'function', function: { name: 'f' } }] })],
    ['a response format', body({ response_format: { type: 'json_object' } })],
    ['another tenant', { ...body({}), tenant: 'team-b' }],
    ['another model', { ...body({}), model: 'other' }],
  ])('is another facet with %s', (_what, other) => {
    expect(meaningKey(other, embedding)?.facet).not.toBe(meaningKey(body({}), embedding)?.facet);
  });

  it.each([
    ['a picture', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x/y.png' } }] }] }],
    ['a tool result at its end', { messages: [{ role: 'tool', content: '42', tool_call_id: 'c' }] }],
    ['nothing to say', { messages: [{ role: 'user', content: '  ' }] }],
    ['a question without end', { messages: [{ role: 'user', content: 'x'.repeat(9000) }] }],
    ['several prompts', { prompt: ['a', 'b'] }],
    ['no prompt', {}],
  ])('does not exist for a request with %s', (_what, other) => {
    expect(meaningKey(asking('', { body: other }), embedding)).toBeUndefined();
  });

  it('knows the other formats', () => {
    expect(meaningKey(asking('', { body: { prompt: 'one' } }), embedding)?.question).toBe('one');
    expect(meaningKey(asking('', { body: { input: 'two' } }), embedding)?.question).toBe('two');
    expect(meaningKey(asking('', { body: { input: [{ role: 'user', content: [{ type: 'input_text', text: 'three' }] }] } }), embedding)?.question).toBe(
      'three',
    );
    expect(
      meaningKey(asking('', { body: { system: 's', messages: [{ role: 'user', content: [{ type: 'text', text: 'four' }] }] } }), embedding)?.question,
    ).toBe('four');
  });
});
