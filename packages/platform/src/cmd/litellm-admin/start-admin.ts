import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '#config';
import { startPlatform } from '../platform.ts';

const MASTER = 'sk-the-master-of-these-tests';

/** A LiteLLM configuration whose models answer without a provider. */
const CONFIG = `
model_list:
  - { model_name: chat, litellm_params: { model: openai/gpt-4o, mock_response: "hello there", input_cost_per_token: 0.001, output_cost_per_token: 0.002 }, model_info: { id: chat-1, access_groups: [beta] } }
  - { model_name: other, litellm_params: { model: openai/gpt-4o, mock_response: "other" }, model_info: { id: other-1 } }
  - { model_name: 한국어, litellm_params: { model: openai/gpt-4o, mock_response: "안녕" }, model_info: { id: ko-1, access_groups: [beta] } }
general_settings: { master_key: ${MASTER} }
`;

interface Answer {
  readonly status: number;
  // The shapes are what the tests are about: they read them as they come.
  readonly json: Record<string, unknown>;
}

/** A platform of a LiteLLM configuration, and ways to ask it. */
export interface Admin {
  readonly url: string;
  readonly file: string;
  /** As the administrator, or with another key; `null` for none. */
  ask(method: string, path: string, options?: { readonly body?: unknown; readonly key?: string | null }): Promise<Answer>;
  post(path: string, body: unknown, key?: string): Promise<Answer>;
  get(path: string, key?: string): Promise<Answer>;
  /** A request to a model; gives the status. */
  chat(key: string, model?: string, more?: Record<string, unknown>): Promise<Answer>;
  close(): Promise<void>;
}

export async function startAdmin(config = CONFIG): Promise<Admin> {
  const folder = mkdtempSync(join(tmpdir(), 'maru-admin-'));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, config);
  const platform = await startPlatform({
    config: readConfig({ port: '0', dataDir: join(folder, 'data') }, { MARU_LOG_LEVEL: 'silent' }),
    files: [file],
    version: '1.2.3',
    say: () => undefined,
  });
  const ask: Admin['ask'] = async (method, path, { body, key = MASTER } = {}) => {
    const response = await fetch(platform.url + path, {
      method,
      headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
  };
  return {
    url: platform.url,
    file,
    ask,
    post: (path, body, key) => ask('POST', path, { body, ...(key === undefined ? {} : { key }) }),
    get: (path, key) => ask('GET', path, key === undefined ? {} : { key }),
    chat: (key, model = 'chat', more = {}) =>
      ask('POST', '/v1/chat/completions', { key, body: { model, messages: [{ role: 'user', content: 'hi' }], max_tokens: 8, ...more } }),
    async close() {
      await platform.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
