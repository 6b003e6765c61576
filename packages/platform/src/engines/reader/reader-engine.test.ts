import { type ChatCompletion, chatCompletionSchema } from '@maru/api/wire';
import { describe, expect, it } from 'vitest';
import { SseParser } from '#http';
import { createFakeClock, createSeededIds } from '#time';
import { createReaderEngine } from './reader-engine.ts';

const SEARCH = tool('search-knowledge', { query: { type: 'string' } });
const CALCULATE = tool('calculate', { expression: { type: 'string' } });
const FETCH = tool('fetch-url', { url: { type: 'string' } });
const WEATHER = tool('get_weather', { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } });
const GUIDE = {
  citation: 'guide.md § Installing',
  document: 'guide.md',
  heading: 'Installing',
  page: null,
  text: '## Installing\n\nRun the installer as root. It takes about five minutes. Reboot the node afterwards.\n\n| GPU | Memory |\n|---|---|\n| H100 | 80 GB |\n| L4 | 24 GB |',
};
const KOREAN = {
  citation: 'ko/스팟.md § 중단 알림',
  document: 'ko/스팟.md',
  heading: '중단 알림',
  page: null,
  text: '회수 2분 전에 중단 알림이 옵니다. 알림을 받으면 노드를 비웁니다.',
};

function tool(name: string, properties: Record<string, object>): object {
  return { type: 'function', function: { name, parameters: { type: 'object', properties, required: Object.keys(properties) } } };
}
const user = (content: string): object => ({ role: 'user', content });
const called = (id: string, name: string, args: object, result: unknown): object[] => [
  { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: { name, arguments: JSON.stringify(args) } }] },
  { role: 'tool', tool_call_id: id, content: typeof result === 'string' ? result : JSON.stringify(result) },
];
const searched = (question: string, ...passages: object[]): object[] => [
  user(question),
  ...called('c1', 'search-knowledge', { query: question }, { passages }),
];

async function call(body: object): Promise<string> {
  const engine = createReaderEngine({ model: 'reader', clock: createFakeClock(), ids: createSeededIds() });
  const stream = 'stream' in body;
  const reply = await engine.call({
    operation: 'chat',
    body: Buffer.from(JSON.stringify({ model: 'reader', ...body })),
    stream,
    headers: {},
    signal: new AbortController().signal,
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
async function chat(messages: object[], more: object = {}): Promise<ChatCompletion['choices'][number]> {
  const [choice] = chatCompletionSchema.parse(JSON.parse(await call({ messages, ...more }))).choices;
  if (choice === undefined) expect.unreachable('there is always one choice');
  return choice;
}
const answer = async (messages: object[], more: object = {}): Promise<string> => (await chat(messages, more)).message.content ?? '';
const toolCall = async (messages: object[], more: object): Promise<[string, unknown] | undefined> => {
  const made = (await chat(messages, more)).message.tool_calls?.[0]?.function;
  return made === undefined ? undefined : [made.name, JSON.parse(made.arguments)];
};

describe('the answers of the reader', () => {
  it('quotes the sentence that answers and names its passage', async () => {
    expect(await answer(searched('How long does the installer take?', KOREAN, GUIDE))).toBe('It takes about five minutes. [guide.md § Installing]');
  });

  it('writes out the row of a table', async () => {
    expect(await answer(searched('How much memory has an H100?', GUIDE))).toBe('GPU: H100; Memory: 80 GB. [guide.md § Installing]');
  });

  it('answers in Korean from Korean passages', async () => {
    expect(await answer(searched('스팟 중단 알림은 언제 오나요?', GUIDE, KOREAN))).toContain('회수 2분 전에 중단 알림이 옵니다. [ko/스팟.md § 중단 알림]');
  });

  it('says that the passages do not hold the answer, in the language of the question', async () => {
    expect(await answer(searched('What is the capital of France?', GUIDE))).toBe('The answer is not in the passages that I was given.');
    expect(await answer(searched('프랑스의 수도는 어디인가요?', KOREAN))).toBe('주어진 구절에는 이 질문의 답이 없습니다.');
    expect(await answer(searched('What is the capital of France?'))).toBe('The search found no passages for this question.');
  });

  it('answers from a context that stands in the message, labelled or tagged', async () => {
    const context = 'The cooldown of KEDA is 300 seconds. The autoscaler looks every 15 seconds.';

    expect(await answer([user(`Context: ${context}\n\nQuestion: what is the cooldown of KEDA?`)])).toBe('The cooldown of KEDA is 300 seconds. [context]');
    expect(await answer([user(`<context>${context}</context>\nHow often does the autoscaler look?`)])).toBe('The autoscaler looks every 15 seconds. [context]');
    expect(await answer([{ role: 'system', content: `Use this.\nContext: [a.md] ${context}` }, user('What is the cooldown of KEDA?')])).toContain(
      '300 seconds. [a.md]',
    );
  });

  it('never quotes its instructions', async () => {
    const instructions =
      'You answer questions about installing.\n\nInstalling takes ten hours.\n\nBe polite and always name the passage that you used for the answer. '.repeat(4);

    expect(await answer([{ role: 'system', content: instructions }, user('How long does installing take?')])).toMatch(/^No passages were given/);
  });

  it('says what it is when it is greeted, asked, or given nothing to read', async () => {
    expect(await answer([user('Who are you?')])).toMatch(/I am Maru's built-in reader\. I only answer from passages/);
    expect(await answer([user('안녕하세요')])).toMatch(/내장된 리더/);
    expect(await answer([user('What is 17 * 3?')])).toMatch(/do not calculate by myself/);
  });

  it('gives the same answer to the same conversation', async () => {
    const messages = searched('How long does the installer take?', GUIDE, KOREAN);

    expect(await call({ messages })).toBe(await call({ messages }));
  });

  it('honours max_tokens and stop, and counts what it gives', async () => {
    const messages = searched('How long does the installer take?', GUIDE);

    expect(await chat(messages, { max_tokens: 3 })).toMatchObject({ finish_reason: 'length', message: { content: 'It takes about' } });
    expect(await chat(messages, { stop: ['five'] })).toMatchObject({ finish_reason: 'stop', message: { content: 'It takes about ' } });
    const { usage } = chatCompletionSchema.parse(JSON.parse(await call({ messages, max_tokens: 3 })));
    expect(usage).toMatchObject({ completion_tokens: 3, prompt_tokens_details: { cached_tokens: 0 } });
  });

  it('streams the same words', async () => {
    const messages = searched('How long does the installer take?', GUIDE);
    const events = new SseParser().push(Buffer.from(await call({ messages, stream: true })));
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event.data) as { choices: { delta: { content?: string } }[] });

    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(await answer(messages));
  });

  it.each([
    ['an empty list', { messages: [] }],
    ['a number', { messages: 7 }],
    ['two answers', { messages: [user('x')], n: 2 }],
  ])('refuses %s with a reason', async (_name, body) => {
    expect(JSON.parse(await call(body))).toMatchObject({ error: { type: 'invalid_request_error', message: expect.stringMatching(/\S/) } });
  });
});

describe('the tool calls of the reader', () => {
  const tools = [SEARCH, CALCULATE, FETCH];

  it.each<[string, [string, object]]>([
    ['How do I install the driver?', ['search-knowledge', { query: 'How do I install the driver?' }]],
    ['What is 17 * 23?', ['calculate', { expression: '17 * 23' }]],
    ['Calculate 15% of 240', ['calculate', { expression: '(15/100) * 240' }]],
    ['3 곱하기 4는 얼마인가요?', ['calculate', { expression: '3 * 4' }]],
    ['What does https://example.com/a?b=1 say?', ['fetch-url', { url: 'https://example.com/a?b=1' }]],
    ['Which nodes offer 24/7 support since 2026-11-21?', ['search-knowledge', { query: 'Which nodes offer 24/7 support since 2026-11-21?' }]],
  ])('asks the tool that fits: %s', async (question, expected) => {
    expect(await toolCall([user(question)], { tools })).toEqual(expected);
  });

  it('answers after the result, and never makes the same call twice', async () => {
    expect(await toolCall(searched('How long does the installer take?', GUIDE), { tools })).toBeUndefined();
    const calculated = [user('What is 17 * 23?'), ...called('c1', 'calculate', { expression: '17 * 23' }, { expression: '17 * 23', result: 391 })];
    expect(await answer(calculated, { tools })).toBe('17 * 23 = 391.');
    expect(await toolCall(searched('Nothing is known of this?'), { tools, tool_choice: 'required' })).toBeUndefined();
  });

  it('quotes a page that was fetched, and says when it was refused', async () => {
    const page = (status: number, text: string): object[] => [
      user('What does https://example.com say about limits?'),
      ...called('c1', 'fetch-url', { url: 'https://example.com' }, { url: 'https://example.com', status, text }),
    ];

    expect(await answer(page(200, 'Welcome. The limits are five per minute.'), { tools })).toBe('The limits are five per minute. [https://example.com]');
    expect(await answer(page(404, ''), { tools })).toBe('The address answered with status 404.');
  });

  it('calls a tool whose name shares a word with the question, with arguments from the schema', async () => {
    expect(await toolCall([user('What is the weather in New York in fahrenheit?')], { tools: [WEATHER] })).toEqual([
      'get_weather',
      { city: 'New York', unit: 'fahrenheit' },
    ]);
    expect(await toolCall([user('Who wrote Hamlet?')], { tools: [WEATHER] })).toBeUndefined();
    const told = [user('How is the weather in Seoul?'), ...called('c1', 'get_weather', { city: 'Seoul', unit: 'celsius' }, { temperature: 21, sky: 'clear' })];
    expect(await answer(told, { tools: [WEATHER] })).toContain('temperature: 21; sky: clear [get_weather]');
  });

  it('honours tool_choice', async () => {
    expect(await toolCall([user('How do I install it?')], { tools, tool_choice: 'none' })).toBeUndefined();
    expect(await toolCall([user('Hello')], { tools })).toBeUndefined();
    expect(await toolCall([user('Hello')], { tools, tool_choice: 'required' })).toEqual(['search-knowledge', { query: 'Hello' }]);
    const named = { type: 'function', function: { name: 'get_weather' } };
    expect(await toolCall([user('Anything about Busan?')], { tools: [...tools, WEATHER], tool_choice: named })).toEqual([
      'get_weather',
      { city: 'Busan', unit: 'celsius' },
    ]);
  });

  it('searches again for a new question', async () => {
    const first = [...searched('How long does the installer take?', GUIDE), { role: 'assistant', content: 'Five minutes.' }];

    expect(await toolCall([...first, user('And how is a node drained before maintenance?')], { tools: [SEARCH] })).toEqual([
      'search-knowledge',
      { query: 'And how is a node drained before maintenance?' },
    ]);
  });
});

describe('the structured answers of the reader', () => {
  const context = 'The installer takes about five minutes. Reboot the node afterwards.';

  it('breaks an answer into statements and judges them by words and figures', async () => {
    const split = `Break the answer below into statements.\nReply with JSON only, in the form {"statements": ["...", "..."]}.\n\nQuestion: "how long?"\nAnswer: ${JSON.stringify('The installer takes five minutes. It costs 900 dollars. [guide.md]')}`;
    const statements = JSON.parse(await answer([user(split)])) as { statements: string[] };
    expect(statements.statements).toEqual(['The installer takes five minutes.', 'It costs 900 dollars.']);

    const judge = `Judge each statement.\nReply with JSON only, in the form {"statements": [{"statement": "...", "reason": "...", "verdict": 1}]}.\n\nContext: ${JSON.stringify(context)}\nStatements: ${JSON.stringify([...statements.statements, 'The installer takes 50 minutes.', 'Do not reboot the node afterwards.'])}`;
    const verdicts = JSON.parse(await answer([user(judge)])) as { statements: { verdict: number }[] };
    expect(verdicts.statements.map((entry) => entry.verdict)).toEqual([1, 0, 0, 0]);
  });

  it('fills a schema, and gives answer and citations where only JSON is asked for', async () => {
    const schema = {
      type: 'object',
      properties: { answer: { type: 'string' }, supported: { type: 'boolean' }, citations: { type: 'array', items: { type: 'string' } } },
    };
    const messages = searched('How long does the installer take?', GUIDE);

    expect(JSON.parse(await answer(messages, { response_format: { type: 'json_schema', json_schema: { name: 'a', schema } } }))).toEqual({
      answer: 'It takes about five minutes. [guide.md § Installing]',
      supported: true,
      citations: ['guide.md § Installing'],
    });
    expect(JSON.parse(await answer(messages, { response_format: { type: 'json_object' } }))).toMatchObject({ citations: ['guide.md § Installing'] });
  });

  it('plans and judges its work when a graph asks for it', async () => {
    const plan = 'Plan how to answer the last message of the user with the tools that you have.\nReply with a JSON array of one to five short strings.';
    expect(JSON.parse(await answer([user('How is it installed? What is 3 * 4?'), user(plan)]))).toEqual(['How is it installed?', 'What is 3 * 4?']);

    const evaluate = (done: string): object =>
      user(
        `The plan:\n1. a\n2. b\n${done}Judge whether the work so far answers the last question of the user.\nReply with one word first: COMPLETE, CONTINUE or RETRY.`,
      );
    const work = [...searched('How long does the installer take?', GUIDE), { role: 'assistant', content: 'Five minutes.' }];
    expect(await answer([...work, evaluate('Done so far: step 1 of 2.\n')])).toMatch(/^CONTINUE/);
    expect(await answer([...work, evaluate('Done so far: step 2 of 2.\n')])).toMatch(/^COMPLETE/);
    expect(await answer([...work, user('Answer the question of the user from the work above.')])).toContain('about five minutes. [guide.md § Installing]');
  });
});

describe('a reader with a text of its own', () => {
  it('always answers with it, says that it is simulated, and still keeps to the limit of tokens', async () => {
    const engine = createReaderEngine({ model: 'mock', answer: 'hello from the mock', clock: createFakeClock(), ids: createSeededIds() });
    const ask = async (body: object): Promise<ChatCompletion> => {
      const bytes = Buffer.from(JSON.stringify({ model: 'mock', messages: [user('Who won?')], ...body }));
      const reply = await engine.call({ operation: 'chat', body: bytes, stream: false, headers: {}, signal: AbortSignal.timeout(5000) });
      let text = '';
      for await (const chunk of reply.body) text += Buffer.from(chunk).toString('utf8');
      return chatCompletionSchema.parse(JSON.parse(text));
    };

    expect(engine.simulated).toBe(true);
    expect((await ask({})).choices[0]?.message.content).toBe('hello from the mock');
    expect((await ask({ max_tokens: 1 })).choices[0]?.finish_reason).toBe('length');
    expect((await ask({ tools: [SEARCH], tool_choice: 'required' })).choices[0]?.message.content).toBe('hello from the mock');
  });
});
