import { describe, expect, it } from 'vitest';
import { DOORS, findDoor } from './door.ts';

describe('findDoor', () => {
  it.each([
    ['/v1/chat/completions', 'chat', 'openai-chat', 'openai'],
    ['/v1/completions', 'completions', 'openai-completions', 'openai'],
    ['/v1/embeddings', 'embeddings', undefined, 'openai'],
    ['/v1/responses', 'chat', 'openai-responses', 'responses'],
    ['/v1/messages', 'chat', 'anthropic-messages', 'anthropic'],
    ['/v1/messages/count_tokens', 'count-tokens', 'anthropic-messages', 'anthropic'],
    ['/v1beta/models/gemini-3:generateContent', 'chat', 'gemini', 'google'],
    ['/v1/moderations', 'moderations', undefined, 'openai'],
    ['/v1/images/generations', 'images', undefined, 'openai'],
    ['/v1/images/edits', 'image-edits', undefined, 'openai'],
    ['/v1/audio/speech', 'speech', undefined, 'openai'],
    ['/v1/audio/transcriptions', 'transcriptions', undefined, 'openai'],
    ['/v1/audio/translations', 'translations', undefined, 'openai'],
    ['/v1/rerank', 'rerank', undefined, 'openai'],
    ['/rerank', 'rerank', undefined, 'openai'],
    ['/v2/rerank', 'rerank', undefined, 'openai'],
    ['/score', 'score', undefined, 'openai'],
    ['/tokenize', 'tokenize', undefined, 'openai'],
    ['/detokenize', 'detokenize', undefined, 'openai'],
  ])('%s is %s', (path, operation, format, errors) => {
    const found = findDoor(path);

    expect(found?.door.operation).toBe(operation);
    expect(found?.door.format).toBe(format);
    expect(found?.door.errors).toBe(errors);
  });

  it('takes the model and the stream of Gemini from the path', () => {
    expect(findDoor('/v1beta/models/agent%2Fguide:streamGenerateContent')?.path).toEqual({ model: 'agent/guide', stream: true });
    expect(findDoor('/v1/models/a/b:countTokens')).toMatchObject({ path: { model: 'a/b', stream: false }, door: { operation: 'count-tokens' } });
    expect(findDoor('/v1beta/models/x%ZZ:generateContent')?.path?.model).toBe('x%ZZ');
  });

  it('knows the paths of the OpenAI API without their version', () => {
    expect(findDoor('/chat/completions')).toEqual(findDoor('/v1/chat/completions'));
    expect(findDoor('/audio/speech')?.door.operation).toBe('speech');
  });

  it.each(['/', '/v1', '/v1/chat', '/v1/v1/chat/completions', '/v1beta/models/x', '/v1beta/models/x:unknown', '/v1/models/x', '/v3/rerank'])(
    'has none at %s',
    (path) => {
      expect(findDoor(path)).toBeUndefined();
    },
  );

  it('has no path twice in two spellings', () => {
    expect(new Set([...DOORS.keys()].map((path) => path.toLowerCase())).size).toBe(DOORS.size);
  });
});
