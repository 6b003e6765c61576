/** What a wire format may carry, in the order of the page; each has its words in every language. */
export const CARRIED = [
  'tools',
  'parallelTools',
  'toolChoice',
  'toolResultParts',
  'toolResultError',
  'imageUrl',
  'imageData',
  'documents',
  'audio',
  'jsonObject',
  'jsonSchema',
  'reasoning',
  'seals',
  'cacheControl',
  'cacheUsage',
  'reasoningUsage',
  'refusal',
  'developer',
  'stop',
  'seed',
  'logprobs',
  'penalties',
  'topK',
  'user',
] as const;

export const isCarried = (how: string): boolean => how !== 'no';
