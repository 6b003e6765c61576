/** Names of fields that stand in nearly every request and answer of a model. */
const NAMES = [
  'choices',
  'created',
  'frequency_penalty',
  'id',
  'input',
  'instructions',
  'max_completion_tokens',
  'max_output_tokens',
  'max_tokens',
  'messages',
  'metadata',
  'model',
  'n',
  'object',
  'output',
  'presence_penalty',
  'prompt',
  'response_format',
  'role',
  'seed',
  'service_tier',
  'stop',
  'store',
  'stream',
  'stream_options',
  'system',
  'system_fingerprint',
  'temperature',
  'tool_choice',
  'tools',
  'top_p',
  'type',
  'usage',
  'user',
] as const;

interface KnownName {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** By their length. */
const KNOWN: readonly (readonly KnownName[])[] = Array.from({ length: Math.max(...NAMES.map((name) => name.length)) + 1 }, (_, length) =>
  NAMES.filter((name) => name.length === length).map((text) => ({ text, bytes: Buffer.from(text) })),
);

/** The name that stands in the bytes, where it is one of the usual ones: comparing costs less than making a text and its hash. */
export function knownName(bytes: Uint8Array, start: number, end: number): string | undefined {
  for (const name of KNOWN[end - start] ?? NONE) if (matches(name.bytes, bytes, start)) return name.text;
  return undefined;
}

const NONE: readonly KnownName[] = [];

function matches(name: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < name.length; index += 1) if (name[index] !== bytes[start + index]) return false;
  return true;
}
