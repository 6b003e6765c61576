import type { Ask, AskApi } from './ask.ts';
import { toRequest } from './to-request.ts';

export const LANGUAGES = ['curl', 'python', 'typescript'] as const;
export type CodeLanguage = (typeof LANGUAGES)[number];

interface CodeOptions {
  readonly language: CodeLanguage;
  /** Origin of the platform. */
  readonly origin: string;
}

/** Code that sends a question; the key is a variable, and the bytes of an image are left out. */
export function requestCode(ask: Ask, options: CodeOptions): string {
  const shown: Ask = ask.image === undefined ? ask : { ...ask, image: { ...ask.image, data: '…' } };
  const { path, body } = toRequest(shown);
  if (options.language === 'curl') return curl(`${options.origin}${path}`, body);
  const sdk = SDKS[ask.api];
  return options.language === 'python' ? python(sdk, { body, path, ...options }) : typescript(sdk, { body, path, ...options });
}

/** The client of the vendor, unchanged but for its address; Gemini's names differ from its wire format, so plain HTTP stands there. */
const SDKS: Readonly<Record<AskApi, { readonly client: 'openai' | 'anthropic'; readonly call: string } | undefined>> = {
  chat: { client: 'openai', call: 'chat.completions.create' },
  responses: { client: 'openai', call: 'responses.create' },
  messages: { client: 'anthropic', call: 'messages.create' },
  gemini: undefined,
};
type Sdk = (typeof SDKS)[AskApi];

interface Made extends CodeOptions {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const json = (value: unknown): string => JSON.stringify(value, null, 2);

const curl = (url: string, body: unknown): string =>
  [`curl -N ${shell(url)}`, `-H "authorization: Bearer $MARU_KEY"`, `-H 'content-type: application/json'`, `-d ${shell(json(body))}`].join(' \\\n  ');

const shell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** JSON as a literal of Python: only the three names differ, and none of them stands outside of quotes in JSON by chance. */
const literal = (value: unknown): string =>
  json(value).replace(/"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b/g, (token) => ({ true: 'True', false: 'False', null: 'None' })[token] ?? token);

function python(sdk: Sdk, { body, path, origin }: Made): string {
  if (sdk === undefined)
    return `import os, httpx

answer = httpx.post(
    "${origin}${path}",
    headers={"authorization": f"Bearer {os.environ['MARU_KEY']}"},
    json=${literal(body)},
    timeout=60,
)
print(answer.text)
`;
  const [name, type] = sdk.client === 'openai' ? ['openai', 'OpenAI'] : ['anthropic', 'Anthropic'];
  const show = body['stream'] === true ? 'for event in answer:\n    print(event)' : 'print(answer)';
  return `import os
from ${name} import ${type}

client = ${type}(base_url="${origin}${sdk.client === 'openai' ? '/v1' : ''}", api_key=os.environ["MARU_KEY"])
answer = client.${sdk.call}(**${literal(body)})
${show}
`;
}

function typescript(sdk: Sdk, { body, path, origin }: Made): string {
  if (sdk === undefined)
    return `const answer = await fetch('${origin}${path}', {
  method: 'POST',
  headers: { authorization: \`Bearer \${process.env.MARU_KEY}\`, 'content-type': 'application/json' },
  body: JSON.stringify(${json(body)}),
});
console.log(await answer.text());
`;
  const [name, type] = sdk.client === 'openai' ? ['openai', 'OpenAI'] : ['@anthropic-ai/sdk', 'Anthropic'];
  const show = body['stream'] === true ? 'for await (const event of answer) console.log(event);' : 'console.log(answer);';
  return `import ${type} from '${name}';

const client = new ${type}({ baseURL: '${origin}${sdk.client === 'openai' ? '/v1' : ''}', apiKey: process.env.MARU_KEY });
const answer = await client.${sdk.call}(${json(body)});
${show}
`;
}
