type Json = Record<string, unknown>;

/** Splits a stream into whole events; what is left of the last one waits. */
export function splitEvents(): { push(chunk: Buffer): readonly Buffer[]; rest(): Buffer } {
  let waiting: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      let data = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk]);
      const events: Buffer[] = [];
      for (let end = eventEnd(data); end > 0; end = eventEnd(data)) {
        events.push(data.subarray(0, end));
        data = data.subarray(end);
      }
      waiting = data;
      return events;
    },
    rest: () => waiting,
  };
}

function eventEnd(data: Buffer): number {
  const feeds = data.indexOf('\n\n');
  const returns = data.indexOf('\r\n\r\n');
  if (returns >= 0 && (feeds < 0 || returns < feeds)) return returns + 4;
  return feeds < 0 ? 0 : feeds + 2;
}

/** The JSON object of an event; undefined for comments, `[DONE]` and what is no object. */
export function eventValue(event: Buffer): Json | undefined {
  const data = event
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim())
    .join('\n');
  if (!data.startsWith('{')) return undefined;
  try {
    return JSON.parse(data) as Json;
  } catch {
    return undefined;
  }
}

/** The event with another value; its other lines stay. */
export function withValue(event: Buffer, value: Json): Buffer {
  const others = event
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('data:'));
  return Buffer.from(`${[...others, `data: ${JSON.stringify(value)}`].join('\n')}\n\n`);
}

/** Probabilities of tokens would tell what was masked. */
export function dropLogprobs(value: Json): void {
  const { choices } = value;
  if (!Array.isArray(choices)) return;
  for (const choice of choices as Json[]) if (typeof choice === 'object' && choice !== null && 'logprobs' in choice) choice['logprobs'] = null;
}
