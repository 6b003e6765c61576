import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { cell, equal, KEY, pieces, QUESTION, SCHEMA, TEXT, URL_OF, versionOf } from './check.mjs';

const openai = createOpenAI({ baseURL: `${URL_OF}/v1`, apiKey: KEY });
const anthropic = createAnthropic({ baseURL: `${URL_OF}/v1`, apiKey: KEY });
const version = versionOf('ai');
const tools = { get_weather: tool({ description: 'Weather', inputSchema: jsonSchema(SCHEMA), execute: async ({ city }) => `sunny in ${city}` }) };
const WAYS = [
  ['@ai-sdk/openai', 'chat', (model) => openai.chat(model), ['chat', 'claude']],
  ['@ai-sdk/openai', 'responses', (model) => openai.responses(model), ['replies', 'chat', 'claude']],
  ['@ai-sdk/anthropic', 'messages', (model) => anthropic(model), ['claude', 'chat', 'gem']],
];

for (const [provider, api, make, models] of WAYS) {
  for (const model of models) {
    const row = { client: `ai + ${provider}`, version: `${version} + ${versionOf(provider)}`, api, model };
    const options = { model: make(model), prompt: QUESTION, maxRetries: 0 };
    await cell(row, 'plain', async () => {
      const { text, usage } = await generateText(options);
      equal([text, usage.outputTokens], [TEXT, 5]);
    });
    await cell(row, 'stream', async () => {
      const seen = [];
      for await (const piece of streamText(options).textStream) seen.push(piece);
      pieces(seen);
    });
    await cell(row, 'tools', async () => {
      const { text, steps } = await generateText({ ...options, tools, stopWhen: stepCountIs(3) });
      equal([text, steps[0].toolCalls[0].input], [TEXT, { city: 'Seoul' }]);
    });
  }
}
