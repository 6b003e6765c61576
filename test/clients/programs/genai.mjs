import { GoogleGenAI } from '@google/genai';
import { cell, equal, KEY, pieces, QUESTION, SCHEMA, TEXT, URL_OF, versionOf } from './check.mjs';

const client = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: URL_OF } });
const base = { client: '@google/genai (npm)', version: versionOf('@google/genai') };
const { additionalProperties: _strict, ...parameters } = SCHEMA;
const config = { tools: [{ functionDeclarations: [{ name: 'get_weather', description: 'Weather', parametersJsonSchema: parameters }] }] };

for (const model of ['gem', 'chat', 'claude']) {
  const row = { ...base, api: 'generateContent', model };
  await cell(row, 'plain', async () => {
    const answer = await client.models.generateContent({ model, contents: QUESTION });
    equal([answer.text, answer.candidates[0].finishReason, answer.usageMetadata.totalTokenCount], [TEXT, 'STOP', 17]);
  });
  await cell(row, 'stream', async () => {
    const seen = [];
    for await (const chunk of await client.models.generateContentStream({ model, contents: QUESTION })) seen.push(chunk.text ?? '');
    pieces(seen);
  });
  await cell(row, 'tools', async () => {
    const first = await client.models.generateContent({ model, contents: QUESTION, config });
    const call = first.functionCalls[0];
    equal([call.name, call.args], ['get_weather', { city: 'Seoul' }]);
    const response = { functionResponse: { name: call.name, response: { output: 'sunny' }, ...(call.id === undefined ? {} : { id: call.id }) } };
    const contents = [{ role: 'user', parts: [{ text: QUESTION }] }, first.candidates[0].content, { role: 'user', parts: [response] }];
    equal((await client.models.generateContent({ model, contents, config })).text, TEXT);
  });
  await cell({ ...base, api: 'countTokens', model }, 'plain', async () =>
    equal((await client.models.countTokens({ model, contents: QUESTION })).totalTokens > 0, true),
  );
}
