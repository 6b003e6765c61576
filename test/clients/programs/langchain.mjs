import { ChatOpenAI } from '@langchain/openai';
import { cell, equal, KEY, pieces, QUESTION, SCHEMA, TEXT, URL_OF, versionOf } from './check.mjs';

const tools = [{ type: 'function', function: { name: 'get_weather', description: 'Weather', parameters: SCHEMA } }];

for (const [api, useResponsesApi] of [
  ['chat', false],
  ['responses', true],
]) {
  for (const model of useResponsesApi ? ['replies', 'chat', 'claude'] : ['chat', 'claude', 'gem']) {
    const row = { client: '@langchain/openai (npm)', version: versionOf('@langchain/openai'), api, model };
    const chat = new ChatOpenAI({ model, apiKey: KEY, useResponsesApi, maxRetries: 0, configuration: { baseURL: `${URL_OF}/v1` } });
    await cell(row, 'plain', async () => {
      const answer = await chat.invoke(QUESTION);
      equal([answer.text, answer.usage_metadata.output_tokens], [TEXT, 5]);
    });
    await cell(row, 'stream', async () => {
      const seen = [];
      for await (const chunk of await chat.stream(QUESTION)) seen.push(chunk.text);
      pieces(seen);
    });
    await cell(row, 'tools', async () => {
      const bound = chat.bindTools(tools);
      const first = await bound.invoke(QUESTION);
      equal([first.tool_calls[0].name, first.tool_calls[0].args], ['get_weather', { city: 'Seoul' }]);
      const result = { role: 'tool', content: 'sunny', tool_call_id: first.tool_calls[0].id };
      equal((await bound.invoke([{ role: 'user', content: QUESTION }, first, result])).text, TEXT);
    });
  }
}
