import { describeFormat } from '../../../../../test/conformance/format.ts';

describeFormat('anthropic-messages', {
  media: true,
  richResults: true,
  sealedBy: 'anthropic-messages',
  spoken: (request) => ({ ...request, streamUsage: true }),
  mergesFinish: { 'content-filter': 'refusal' },
  rewords: ['jsonObject', 'parallelTools', 'reasoning'],
});
