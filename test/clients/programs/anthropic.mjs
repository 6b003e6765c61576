import Anthropic from '@anthropic-ai/sdk';
import { cell, equal, KEY, pieces, QUESTION, SCHEMA, TEXT, URL_OF, versionOf } from './check.mjs';

const client = new Anthropic({ baseURL: URL_OF, apiKey: KEY, maxRetries: 0 });
const base = { client: '@anthropic-ai/sdk (npm)', version: versionOf('@anthropic-ai/sdk') };
const messages = [{ role: 'user', content: QUESTION }];
const tools = [{ name: 'get_weather', description: 'Weather', input_schema: SCHEMA }];

for (const model of ['claude', 'chat', 'gem', 'replies']) {
  const row = { ...base, api: 'messages', model };
  const system = [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }];
  await cell(row, 'plain', async () => {
    const answer = await client.messages.create({ model, max_tokens: 99, system, messages });
    equal([answer.content[0].text, answer.stop_reason, answer.usage.output_tokens], [TEXT, 'end_turn', 5]);
  });
  await cell(row, 'stream', async () => {
    const seen = [];
    const stream = client.messages.stream({ model, max_tokens: 99, messages });
    stream.on('text', (text) => seen.push(text));
    const last = await stream.finalMessage();
    pieces(seen);
    equal([last.stop_reason, last.usage.output_tokens], ['end_turn', 5]);
  });
  await cell(row, 'tools', async () => {
    const first = await client.messages.stream({ model, max_tokens: 99, messages, tools }).finalMessage();
    const call = first.content.find((block) => block.type === 'tool_use');
    equal([call.name, call.input, first.stop_reason], ['get_weather', { city: 'Seoul' }, 'tool_use']);
    const turns = [
      ...messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'sunny' }] },
    ];
    equal((await client.messages.create({ model, max_tokens: 99, messages: turns, tools })).content[0].text, TEXT);
  });
}
for (const model of ['claude', 'chat']) {
  await cell({ ...base, api: 'count_tokens', model }, 'plain', async () =>
    equal((await client.messages.countTokens({ model, messages })).input_tokens > 0, true),
  );
}
await cell({ ...base, api: 'models', model: 'all' }, 'plain', async () =>
  equal(
    (await client.models.list()).data.some((model) => model.id === 'claude'),
    true,
  ),
);
await cell({ ...base, api: 'errors', model: 'nobody' }, 'plain', async () => {
  const unknown = await client.messages.create({ model: 'nobody', max_tokens: 1, messages }).catch((error) => error);
  equal([unknown instanceof Anthropic.NotFoundError, unknown.error.error.type], [true, 'not_found_error']);
});
