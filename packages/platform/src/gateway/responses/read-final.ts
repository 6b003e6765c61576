/** The response object in the last bytes of an answer: a whole body, or the last event of a stream. Undefined when there is none. */
export function readFinal(last: Buffer): Readonly<Record<string, unknown>> | undefined {
  const text = last.toString('utf8').trim();
  if (text.startsWith('{')) return objectOf(parse(text));
  const data = text
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => objectOf(parse(line.slice(5))))
    .findLast((event) => event?.['response'] !== undefined);
  return objectOf(data?.['response']);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined;
