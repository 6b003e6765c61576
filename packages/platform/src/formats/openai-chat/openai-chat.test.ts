import { describeFormat } from '../../../../../test/conformance/format.ts';

describeFormat('openai-chat', {
  media: true,
  spoken: (request) => ({ ...request, ...(request.stream ? { streamUsage: true } : {}) }),
});
