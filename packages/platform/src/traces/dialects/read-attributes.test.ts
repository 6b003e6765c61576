import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isContentKey } from './content-keys.ts';
import { readAttributes } from './read-attributes.ts';

describe('attributes of many conventions', () => {
  it.each([
    [{ 'gen_ai.operation.name': 'chat' }, 'engine'],
    [{ 'gen_ai.operation.name': 'execute_tool', 'gen_ai.request.model': 'm' }, 'tool'],
    [{ 'gen_ai.operation.name': 'invoke_agent' }, 'agent'],
    [{ 'gen_ai.operation.name': 'embeddings' }, 'embedding'],
    [{ 'gen_ai.request.model': 'm' }, 'engine'],
    [{ 'openinference.span.kind': 'RETRIEVER' }, 'retrieval'],
    [{ 'openinference.span.kind': 'UNHEARD_OF' }, 'other'],
    [{ 'langfuse.observation.type': 'EVALUATOR', 'gen_ai.operation.name': 'chat' }, 'evaluation'],
    [{ 'traceloop.span.kind': 'workflow' }, 'step'],
    [{ 'ai.operationId': 'ai.toolCall' }, 'tool'],
    [{ 'ai.operationId': 'ai.streamText.doStream', 'gen_ai.request.model': 'm' }, 'engine'],
    [{ 'ai.operationId': 'ai.streamText', 'ai.model.id': 'm' }, 'step'],
    [{ 'mcp.method.name': 'tools/call' }, 'tool'],
    [{ 'http.method': 'GET' }, undefined],
  ])('%j is of the kind %s', (attributes, kind) => {
    expect(readAttributes(attributes).kind).toBe(kind);
  });

  it('gather messages that are spread over numbered attributes', () => {
    const attributes = {
      'llm.input_messages.1.message.content': 'hi',
      'llm.input_messages.0.message.role': 'system',
      'llm.input_messages.0.message.content': 'be kind',
      'gen_ai.completion.0.content': 'hello',
    };

    expect(readAttributes(attributes)).toMatchObject({ input: [{ role: 'system', content: 'be kind' }, { content: 'hi' }], output: [{ content: 'hello' }] });
  });

  it('give session, user, model and the time to the first token', () => {
    const read = readAttributes({
      'gen_ai.conversation.id': 's',
      'enduser.id': 'u',
      'gen_ai.request.model': 'asked',
      'gen_ai.response.model': 'answered',
      'gen_ai.response.time_to_first_chunk': 0.25,
    });

    expect(read).toMatchObject({ session: 's', user: 'u', model: 'answered', ttftMs: 250 });
  });

  it('are content exactly where somebody wrote it', () => {
    for (const key of [
      'input.value',
      'gen_ai.input.messages',
      'gen_ai.prompt.0.content',
      'llm.input_messages.0.message.content',
      'ai.prompt.messages',
      'langfuse.observation.output',
    ])
      expect(isContentKey(key), key).toBe(true);
    for (const key of ['gen_ai.prompt.name', 'gen_ai.request.model', 'gen_ai.usage.input_tokens', 'http.route', 'reranker.model_name'])
      expect(isContentKey(key), key).toBe(false);
  });

  it('never throw, whatever they hold', () => {
    const keys = [
      'langfuse.observation.usage_details',
      'langfuse.trace.tags',
      'langfuse.observation.completion_start_time',
      'gen_ai.usage.input_tokens',
      'ai.operationId',
      'input.value',
      'llm.input_messages.9999.x',
    ];
    fc.assert(fc.property(fc.dictionary(fc.constantFrom(...keys), fc.anything()), (attributes) => void readAttributes(attributes)));
  });
});
