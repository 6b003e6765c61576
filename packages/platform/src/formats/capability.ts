/** What a translation may keep, with the words of the table in the documentation. */
export const CAPABILITIES = Object.freeze({
  developer: 'Developer role apart from system',
  tools: 'Tools and tool calls',
  parallelTools: 'Parallel tool calls, switch included',
  toolChoice: 'Tool choice',
  toolResultParts: 'Tool results of several parts',
  toolResultError: 'Tool results marked as errors',
  imageUrl: 'Images by URL',
  imageData: 'Images as base64',
  documents: 'Documents',
  audio: 'Audio input',
  jsonObject: 'JSON object output',
  jsonSchema: 'JSON schema output',
  stop: 'Stop texts',
  seed: 'Seed',
  logprobs: 'Log probabilities',
  penalties: 'Presence and frequency penalty',
  topK: 'Top-k',
  reasoning: 'Reasoning, settings and content',
  seals: 'Signatures of reasoning',
  cacheControl: 'Cache control markers',
  cacheUsage: 'Cached tokens in the usage',
  reasoningUsage: 'Reasoning tokens in the usage',
  refusal: 'Refusals',
  user: 'End user',
} as const);

export type Capability = keyof typeof CAPABILITIES;

/** `yes`, `no`, or how: one short phrase. */
export type Capabilities = Readonly<Record<Capability, string>>;
