import OpenAI, { toFile } from 'openai';
import { cell, equal, KEY, pieces, QUESTION, SCHEMA, TEXT, URL_OF, versionOf } from './check.mjs';

const client = new OpenAI({ baseURL: `${URL_OF}/v1`, apiKey: KEY, maxRetries: 0 });
const base = { client: 'openai (npm)', version: versionOf('openai') };
const messages = [{ role: 'user', content: QUESTION }];
const tools = [{ type: 'function', function: { name: 'get_weather', description: 'Weather', parameters: SCHEMA } }];

for (const model of ['chat', 'claude', 'gem', 'replies']) {
  const row = { ...base, api: 'chat', model };
  await cell(row, 'plain', async () => {
    const answer = await client.chat.completions.create({ model, messages });
    equal([answer.choices[0].message.content, answer.choices[0].finish_reason, answer.usage.total_tokens], [TEXT, 'stop', 17]);
  });
  await cell(row, 'stream', async () => {
    const seen = [];
    let usage;
    for await (const chunk of await client.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } })) {
      seen.push(chunk.choices[0]?.delta.content ?? '');
      usage = chunk.usage ?? usage;
    }
    pieces(seen);
    equal(usage.total_tokens, 17);
  });
  await cell(row, 'tools', async () => {
    const runner = client.chat.completions.stream({ model, messages, tools });
    const call = (await runner.finalMessage()).tool_calls[0];
    equal([call.function.name, JSON.parse(call.function.arguments)], ['get_weather', { city: 'Seoul' }]);
    const turns = [...messages, { role: 'assistant', content: null, tool_calls: [call] }, { role: 'tool', tool_call_id: call.id, content: 'sunny' }];
    equal((await client.chat.completions.create({ model, messages: turns, tools })).choices[0].message.content, TEXT);
  });
}

const functions = [{ type: 'function', name: 'get_weather', description: 'Weather', parameters: SCHEMA, strict: true }];
for (const model of ['replies', 'chat', 'claude', 'gem']) {
  const row = { ...base, api: 'responses', model };
  await cell(row, 'plain', async () => {
    const first = await client.responses.create({ model, input: QUESTION });
    equal([first.output_text, first.status, first.usage.total_tokens], [TEXT, 'completed', 17]);
    const second = await client.responses.create({ model, input: 'And tomorrow?', previous_response_id: first.id });
    equal([second.output_text, second.previous_response_id], [TEXT, first.id]);
    equal((await client.responses.retrieve(second.id)).output_text ?? TEXT, TEXT);
    equal((await client.responses.inputItems.list(second.id)).data.length >= 2, true);
    await client.responses.delete(second.id);
    const gone = await client.responses.retrieve(second.id).catch((error) => error.status);
    equal(gone, 404);
  });
  await cell(row, 'stream', async () => {
    const seen = [];
    let last;
    for await (const event of await client.responses.create({ model, input: QUESTION, stream: true })) {
      if (event.type === 'response.output_text.delta') seen.push(event.delta);
      last = event.type;
    }
    pieces(seen);
    equal(last, 'response.completed');
  });
  await cell(row, 'tools', async () => {
    const stream = client.responses.stream({ model, input: QUESTION, tools: functions });
    const first = await stream.finalResponse();
    const call = first.output.find((item) => item.type === 'function_call');
    equal([call.name, JSON.parse(call.arguments)], ['get_weather', { city: 'Seoul' }]);
    const input = [{ type: 'function_call_output', call_id: call.call_id, output: 'sunny' }];
    equal((await client.responses.create({ model, previous_response_id: first.id, input, tools: functions })).output_text, TEXT);
  });
  await cell(row, 'background', async () => {
    let response = await client.responses.create({ model, input: QUESTION, background: true });
    equal(response.status, 'queued');
    for (let tries = 0; tries < 200 && ['queued', 'in_progress'].includes(response.status); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      response = await client.responses.retrieve(response.id);
    }
    equal([response.status, response.output[0].content[0].text], ['completed', TEXT]);
  });
}

await cell({ ...base, api: 'chat', model: 'sim-8b (twin)' }, 'stream', async () => {
  let text = '';
  for await (const chunk of await client.chat.completions.create({ model: 'sim-8b', messages, stream: true, max_tokens: 8 }))
    text += chunk.choices[0]?.delta.content ?? '';
  equal(text.length > 5, true);
});
await cell({ ...base, api: 'responses', model: 'sim-8b (twin)' }, 'stream', async () => {
  let text = '';
  for await (const event of await client.responses.create({ model: 'sim-8b', input: QUESTION, stream: true, max_output_tokens: 16 }))
    if (event.type === 'response.output_text.delta') text += event.delta;
  equal(text.length > 5, true);
});
const other = { ...base, model: 'chat' };
await cell({ ...other, api: 'completions' }, 'plain', async () =>
  equal((await client.completions.create({ model: 'chat', prompt: 'x' })).choices[0].text, TEXT),
);
await cell({ ...other, api: 'embeddings' }, 'plain', async () =>
  equal((await client.embeddings.create({ model: 'chat', input: 'x', encoding_format: 'float' })).data[0].embedding, [0.5, 0.25]),
);
await cell({ ...other, api: 'models' }, 'plain', async () =>
  equal(
    (await client.models.list()).data.some((model) => model.id === 'claude'),
    true,
  ),
);
await cell({ ...other, api: 'moderations' }, 'plain', async () => equal((await client.moderations.create({ input: 'x' })).results[0].flagged, false));
await cell({ ...other, api: 'images' }, 'plain', async () => equal((await client.images.generate({ model: 'chat', prompt: 'x' })).data[0].b64_json, 'AAAA'));
await cell({ ...other, api: 'speech' }, 'plain', async () =>
  equal([...Buffer.from(await (await client.audio.speech.create({ model: 'chat', voice: 'v', input: 'x' })).arrayBuffer())], [1, 2, 3, 4]),
);
await cell({ ...other, api: 'transcriptions' }, 'plain', async () =>
  equal((await client.audio.transcriptions.create({ file: await toFile(Buffer.alloc(2_000_000), 'a.wav'), model: 'chat' })).text, TEXT),
);
await cell({ ...other, api: 'errors' }, 'plain', async () => {
  const unknown = await client.chat.completions.create({ model: 'nobody', messages }).catch((error) => error);
  equal([unknown instanceof OpenAI.NotFoundError, unknown.code], [true, 'model_not_found']);
});
