import { waitForDocuments } from './documents-ready.ts';

const QUESTIONS = [
  { model: 'agent/guide', content: 'What is the engine twin?' },
  { model: 'agent/guide', content: 'How does the router choose a replica?' },
  { model: 'auto', content: 'Hello' },
  { model: 'auto', content: 'Compare prefill and decode of a transformer step by step, with the reasons for each step and an example in code.' },
  { model: 'sim-8b', content: 'Say something long about caches.' },
  { model: 'reader', content: 'What is a passage?' },
] as const;

/** Waits for the documents, then sends real requests and starts one run of everything that runs. */
export async function seedPlatform(baseUrl: string, key: string): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${baseUrl}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 300)}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  await waitForDocuments(() => call('GET', '/api/v1/knowledge'));
  for (const { model, content } of QUESTIONS) {
    await call('POST', '/v1/chat/completions', { model, max_tokens: 60, messages: [{ role: 'user', content }] });
  }
  await call('POST', '/api/v1/simulations', { name: 'seeded', trace: 'made:rag', requests: 60, policies: ['random', 'maru'], speeds: [1, 4], replicas: [2] });
  await call('POST', '/api/v1/agents/guide/runs', { input: 'What is 12.5% of 8214?' });
  await call('POST', '/api/v1/evaluations/guide-answers/runs', {});
}
