import { describeFormat } from '../../../../../test/conformance/format.ts';

describeFormat('openai-responses', {
  media: true,
  sealedBy: 'openai-responses',
  spoken: (request) => ({ ...request, streamUsage: true, extra: { format: 'openai-responses', fields: { store: false } } }),
  rewords: ['reasoning'],
});
