import { ERROR_CODES, PlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import { errorBodyOf, errorEventOf } from './client-errors.ts';

const error = (code: (typeof ERROR_CODES)[number]): PlatformError => new PlatformError(code, { message: 'what to do', details: { param: 'model' } });

describe('an error for a client', () => {
  it.each([
    ['invalid_request', 'invalid_request_error', 'INVALID_ARGUMENT'],
    ['unauthenticated', 'authentication_error', 'UNAUTHENTICATED'],
    ['model_not_allowed', 'permission_error', 'PERMISSION_DENIED'],
    ['model_not_found', 'not_found_error', 'NOT_FOUND'],
    ['body_too_large', 'request_too_large', 'INVALID_ARGUMENT'],
    ['rate_limited', 'rate_limit_error', 'RESOURCE_EXHAUSTED'],
    ['quota_exceeded', 'billing_error', 'INVALID_ARGUMENT'],
    ['overloaded', 'overloaded_error', 'UNAVAILABLE'],
    ['upstream_timeout', 'timeout_error', 'DEADLINE_EXCEEDED'],
    ['internal', 'api_error', 'INTERNAL'],
  ] as const)('%s is %s to Anthropic and %s to Google', (code, type, status) => {
    expect(errorBodyOf('anthropic', error(code))).toEqual({ type: 'error', error: { type, message: 'what to do', code } });
    expect(errorBodyOf('google', error(code))).toMatchObject({
      error: { code: error(code).status, status, message: 'what to do', details: [{ reason: code }] },
    });
  });

  it.each(ERROR_CODES)('has a message and a code in every shape: %s', (code) => {
    for (const shape of ['openai', 'responses', 'anthropic', 'google'] as const) {
      const text = JSON.stringify(errorBodyOf(shape, error(code)));

      expect(text).toContain('what to do');
      expect(text).toContain(code);
    }
  });

  it('is an event after which no end marker stands, in every shape', () => {
    const events = (['openai', 'responses', 'anthropic', 'google'] as const).map((shape) => errorEventOf(shape, error('upstream_cut')));

    for (const event of events) {
      expect(event.endsWith('\n\n')).toBe(true);
      expect(event).not.toMatch(/\[DONE\]|message_stop|response\.completed|finishReason/);
    }
    expect(events.map((event) => event.split('\n')[0]?.slice(0, 12))).toEqual(['data: {"erro', 'event: error', 'event: error', 'data: {"erro']);
    expect(JSON.parse(events[1]?.split('\n')[1]?.slice(6) ?? '')).toMatchObject({ type: 'error', code: 'upstream_cut', error: { code: 'upstream_cut' } });
  });
});
