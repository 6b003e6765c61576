import type { Ask, AskMessage } from './ask.ts';

/** The HTTP request of a question. */
export interface AskRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A question in the form of its API. */
export function toRequest(ask: Ask): AskRequest {
  switch (ask.api) {
    case 'chat':
      return { path: '/v1/chat/completions', body: chatBody(ask) };
    case 'messages':
      return { path: '/v1/messages', body: messagesBody(ask) };
    case 'responses':
      return { path: '/v1/responses', body: responsesBody(ask) };
    case 'gemini':
      return {
        path: `/v1beta/models/${ask.model.split('/').map(encodeURIComponent).join('/')}:${ask.stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
        body: geminiBody(ask),
      };
  }
}

/** Fields that have a value. */
const given = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** Messages in the form of an API; the last one may show an image. */
const withImage = <Message>(ask: Ask, form: (message: AskMessage, image: Ask['image']) => Message): Message[] =>
  ask.messages.map((message, index) => form(message, index === ask.messages.length - 1 ? ask.image : undefined));

const dataUrl = (image: NonNullable<Ask['image']>): string => `data:${image.mediaType};base64,${image.data}`;
const hasSystem = (ask: Ask): boolean => ask.system.trim() !== '';

function chatBody(ask: Ask): Record<string, unknown> {
  const messages = withImage(ask, ({ role, content }, image) => ({
    role,
    content:
      image === undefined
        ? content
        : [
            { type: 'text', text: content },
            { type: 'image_url', image_url: { url: dataUrl(image) } },
          ],
  }));
  return given({
    model: ask.model,
    messages: hasSystem(ask) ? [{ role: 'system', content: ask.system }, ...messages] : messages,
    temperature: ask.temperature,
    tools: ask.tools.length === 0 ? undefined : ask.tools,
    response_format: ask.schema === undefined ? undefined : { type: 'json_schema', json_schema: { name: 'answer', schema: ask.schema } },
    stream: ask.stream ? true : undefined,
    stream_options: ask.stream ? { include_usage: true } : undefined,
  });
}

const MAX_TOKENS = 4096;

function messagesBody(ask: Ask): Record<string, unknown> {
  return given({
    model: ask.model,
    max_tokens: MAX_TOKENS,
    system: hasSystem(ask) ? ask.system : undefined,
    messages: withImage(ask, ({ role, content }, image) => ({
      role,
      content:
        image === undefined
          ? content
          : [
              { type: 'image', source: { type: 'base64', media_type: image.mediaType, data: image.data } },
              { type: 'text', text: content },
            ],
    })),
    temperature: ask.temperature,
    tools:
      ask.tools.length === 0
        ? undefined
        : ask.tools.map(({ function: tool }) => given({ name: tool.name, description: tool.description, input_schema: tool.parameters ?? EMPTY_OBJECT })),
    output_config: ask.schema === undefined ? undefined : { format: { type: 'json_schema', schema: ask.schema } },
    stream: ask.stream ? true : undefined,
  });
}

const EMPTY_OBJECT = { type: 'object', properties: {} };

function responsesBody(ask: Ask): Record<string, unknown> {
  return given({
    model: ask.model,
    instructions: hasSystem(ask) ? ask.system : undefined,
    input: withImage(ask, ({ role, content }, image) => ({
      role,
      content:
        image === undefined
          ? content
          : [
              { type: 'input_text', text: content },
              { type: 'input_image', image_url: dataUrl(image) },
            ],
    })),
    temperature: ask.temperature,
    tools: ask.tools.length === 0 ? undefined : ask.tools.map(({ function: tool }) => ({ type: 'function', ...tool })),
    text: ask.schema === undefined ? undefined : { format: { type: 'json_schema', name: 'answer', schema: ask.schema } },
    store: false,
    stream: ask.stream ? true : undefined,
  });
}

function geminiBody(ask: Ask): Record<string, unknown> {
  const config = given({
    temperature: ask.temperature,
    responseMimeType: ask.schema === undefined ? undefined : 'application/json',
    responseJsonSchema: ask.schema,
  });
  return given({
    systemInstruction: hasSystem(ask) ? { parts: [{ text: ask.system }] } : undefined,
    contents: withImage(ask, ({ role, content }, image) => ({
      role: role === 'assistant' ? 'model' : 'user',
      parts: [{ text: content }, ...(image === undefined ? [] : [{ inlineData: { mimeType: image.mediaType, data: image.data } }])],
    })),
    tools:
      ask.tools.length === 0
        ? undefined
        : [
            {
              functionDeclarations: ask.tools.map(({ function: tool }) =>
                given({ name: tool.name, description: tool.description, parametersJsonSchema: tool.parameters }),
              ),
            },
          ],
    generationConfig: Object.keys(config).length === 0 ? undefined : config,
  });
}
