import { isPlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import { toAnthropicRequest } from './to-anthropic-request.ts';

const translate = (body: object): Readonly<Record<string, unknown>> => toAnthropicRequest({ model: 'm', ...body }).body;

const refusal = (body: object): unknown => {
  try {
    translate(body);
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('toAnthropicRequest', () => {
  it('moves system texts out of the conversation', () => {
    const body = translate({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'developer', content: [{ type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } }] },
        { role: 'user', content: 'Hi' },
      ],
    });

    expect(body).toEqual({
      model: 'm',
      max_tokens: 4096,
      system: [
        { type: 'text', text: 'Be brief.' },
        { type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } },
      ],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    });
  });

  it('joins tool results into one turn of the user', () => {
    const body = translate({
      messages: [
        { role: 'user', content: 'Weather and time?' },
        {
          role: 'assistant',
          content: '',
          tool_calls: [
            { id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":"Seoul"}' } },
            { id: 'b', type: 'function', function: { name: 'time', arguments: '' } },
          ],
        },
        { role: 'tool', tool_call_id: 'a', content: 'sunny' },
        { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: '12:00' }] },
        { role: 'user', content: 'Thanks' },
      ],
    });

    expect(body['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Weather and time?' }] },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Seoul' } },
          { type: 'tool_use', id: 'b', name: 'time', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'sunny' }] },
          { type: 'tool_result', tool_use_id: 'b', content: [{ type: 'text', text: '12:00' }] },
          { type: 'text', text: 'Thanks' },
        ],
      },
    ]);
  });

  it('takes images by data and by address', () => {
    const body = translate({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } },
          ],
        },
      ],
    });

    expect(body['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
        ],
      },
    ]);
  });

  it('translates limits, sampling, stops and the user', () => {
    const body = translate({
      messages: [{ role: 'user', content: 'x' }],
      max_completion_tokens: 77,
      max_tokens: 5,
      temperature: 1.7,
      top_p: 0.5,
      stop: 'END',
      user: 'u1',
      stream: true,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      seed: 5,
    });

    expect(body).toMatchObject({
      max_tokens: 77,
      temperature: 1,
      top_p: 0.5,
      stop_sequences: ['END'],
      metadata: { user_id: 'u1' },
      stream: true,
      thinking: { type: 'enabled', budget_tokens: 1024 },
    });
    expect(body).not.toHaveProperty('seed');
  });

  it.each([
    [undefined, { type: 'auto' }],
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'any' }],
    [
      { type: 'function', function: { name: 'f' } },
      { type: 'tool', name: 'f' },
    ],
  ])('translates the tool choice %j', (choice, expected) => {
    const body = translate({ messages: [{ role: 'user', content: 'x' }], tools: [{ type: 'function', function: { name: 'f' } }], tool_choice: choice });

    expect(body['tool_choice']).toEqual(expected);
    expect(body['tools']).toEqual([{ name: 'f', input_schema: { type: 'object', properties: {} } }]);
  });

  it('forbids parallel calls when the client does', () => {
    const body = translate({ messages: [{ role: 'user', content: 'x' }], tools: [{ type: 'function', function: { name: 'f' } }], parallel_tool_calls: false });

    expect(body['tool_choice']).toEqual({ type: 'auto', disable_parallel_tool_use: true });
  });

  it.each([
    ['no messages', {}, 'messages'],
    ['an empty list of messages', { messages: [] }, 'messages'],
    ['a tool result without an id', { messages: [{ role: 'tool', content: 'x' }] }, 'tool_call_id'],
    ['an unknown role', { messages: [{ role: 'robot', content: 'x' }] }, 'robot'],
    ['an image from a file', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'file:///etc/passwd' } }] }] }, 'image'],
    [
      'arguments that are not JSON',
      { messages: [{ role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{' } }] }] },
      'arguments',
    ],
  ])('refuses %s', (_name, body, message) => {
    const error = refusal(body);

    expect(isPlatformError(error, 'invalid_request')).toBe(true);
    expect(String(error)).toContain(message);
  });

  it.each([
    ['several choices', { n: 2 }],
    ['log probabilities', { logprobs: true }],
    ['audio', { audio: { voice: 'a' } }],
    ['JSON mode', { response_format: { type: 'json_object' } }],
    ['custom tools', { tools: [{ type: 'custom', custom: {} }] }],
    ['sound', { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] }],
  ])('says that it does not support %s', (_name, body) => {
    expect(isPlatformError(refusal({ messages: [{ role: 'user', content: 'x' }], ...body }), 'not_supported')).toBe(true);
  });
});
