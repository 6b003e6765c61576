import type { ErrorCode } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import { classifyFailure } from './classify-failure.ts';

describe('classes of failure', () => {
  it.each<[ErrorCode, number | undefined, string]>([
    ['upstream_rejected', 400, 'badRequest'],
    ['upstream_rejected', 422, 'badRequest'],
    ['upstream_rejected', 401, 'authentication'],
    ['upstream_rejected', 402, 'authentication'],
    ['upstream_credentials', undefined, 'authentication'],
    ['upstream_rejected', 404, 'notFound'],
    ['not_supported', undefined, 'notFound'],
    ['upstream_rejected', 408, 'timeout'],
    ['upstream_timeout', undefined, 'timeout'],
    ['rate_limited', 429, 'rateLimit'],
    ['upstream_rejected', 500, 'serverError'],
    ['upstream_rejected', 520, 'serverError'],
    ['upstream_rejected', 502, 'badGateway'],
    ['upstream_rejected', 503, 'unavailable'],
    ['upstream_rejected', 529, 'unavailable'],
    ['upstream_rejected', 504, 'timeout'],
    ['upstream_unreachable', undefined, 'connection'],
    ['upstream_cut', undefined, 'brokenAnswer'],
    ['upstream_garbage', undefined, 'brokenAnswer'],
    ['context_length_exceeded', 400, 'contextWindow'],
    ['content_filtered', 400, 'contentPolicy'],
    ['invalid_request', undefined, 'badRequest'],
  ])('%s with status %s is %s', (code, status, expected) => {
    expect(classifyFailure({ code, status })).toBe(expected);
  });
});
