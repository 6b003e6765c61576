import { nanoToUsd } from '@maru/api/records';
import type { Model } from '@maru/api/resources';
import type { AnswerFacts, Attempt } from '#gateway';

/** What clients of LiteLLM read from an answer, and whether what an engine can not be told is let go; undefined but for deployments of a LiteLLM configuration or of its API. */
export function litellmAttempt(
  model: Model | undefined,
  facts: { readonly requestId: string; readonly retries: number; readonly fallbacks: number },
): Pick<Attempt, 'headers' | 'finalHeaders' | 'dropParams'> | undefined {
  const { annotations } = model?.metadata ?? {};
  const id = annotations?.['litellm.ai/model-id'];
  if (id === undefined) return undefined;
  const group = annotations?.['litellm.ai/model-name'] ?? '';
  return {
    dropParams: annotations?.['litellm.ai/drop-params'] === 'true' ? true : undefined,
    headers: {
      'x-litellm-call-id': facts.requestId,
      'x-litellm-model-id': id,
      'x-litellm-model-name': encodeOther(annotations?.['litellm.ai/model'] ?? ''),
      'x-litellm-model-group': encodeOther(group),
      'x-litellm-model-api-base': model?.spec.provider?.baseUrl ?? '',
      'x-litellm-attempted-retries': String(facts.retries),
      'x-litellm-attempted-fallbacks': String(facts.fallbacks),
      'x-litellm-version': 'maru',
    },
    finalHeaders: ({ costNanoUsd, durationMs, upstreamMs }: AnswerFacts) => ({
      'x-litellm-response-duration-ms': String(durationMs),
      'x-litellm-overhead-duration-ms': String(Math.max(0, durationMs - upstreamMs)),
      ...(costNanoUsd === null ? {} : { 'x-litellm-response-cost': String(nanoToUsd(costNanoUsd)) }),
    }),
  };
}

/** Header values are printable ASCII. */
const encodeOther = (text: string): string => text.replace(/[^\x20-\x7e]+/g, (other) => encodeURIComponent(other.toWellFormed()));
