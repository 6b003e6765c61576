type Schema = Readonly<Record<string, unknown>>;

const DEFAULT_SCHEMA: Schema = {
  type: 'object',
  properties: { answer: { type: 'string' }, citations: { type: 'array', items: { type: 'string' } } },
};

/**
 * The form that a JSON answer must have: the schema of `response_format`, else the first JSON example in the prompt that asks for JSON,
 * else `{answer, citations}` for `json_object`. Undefined when no JSON is asked for.
 */
export function wantedSchema(responseFormat: unknown, prompt: string): Schema | undefined {
  const format = isObject(responseFormat) ? responseFormat : {};
  if (format['type'] === 'json_schema') {
    const wrapper = format['json_schema'];
    return isObject(wrapper) && isObject(wrapper['schema']) ? wrapper['schema'] : DEFAULT_SCHEMA;
  }
  const asksJson = format['type'] === 'json_object' || /\b(?:reply|respond|answer|return|output)\b[^\n]{0,60}\bJSON\b/i.test(prompt);
  const example = asksJson ? findExample(prompt) : undefined;
  if (example !== undefined) return schemaOf(example);
  return format['type'] === 'json_object' ? DEFAULT_SCHEMA : undefined;
}

function findExample(prompt: string): object | undefined {
  for (let from = prompt.indexOf('{'); from >= 0; from = prompt.indexOf('{', from + 1)) {
    for (let to = prompt.indexOf('}', from); to >= 0 && to - from < 2000; to = prompt.indexOf('}', to + 1)) {
      const value = parseExample(prompt.slice(from, to + 1));
      if (value !== undefined) return value;
    }
  }
  return undefined;
}

/** Examples are written for people: `{"verdict": true|false}`, `[{"statement": "...", …}]`, `<text>` in place of values. */
function parseExample(text: string): object | undefined {
  const loose = text
    .replace(/…|\.\.\.(?=\s*[\]}])/g, '')
    .replace(/,\s*(?=[\]}])/g, '')
    .replace(/:\s*(true|false|\d+)(?:\s*(?:\||or)\s*(?:true|false|\d+))+/g, ': $1')
    .replace(/:\s*<[^>"]*>/g, ': ""');
  try {
    const value: unknown = JSON.parse(loose);
    return isObject(value) && Object.keys(value).length > 0 ? value : undefined;
  } catch {
    return undefined;
  }
}

function schemaOf(example: unknown): Schema {
  if (Array.isArray(example)) return { type: 'array', items: example.length > 0 ? schemaOf(example[0]) : { type: 'string' } };
  if (isObject(example)) return { type: 'object', properties: Object.fromEntries(Object.entries(example).map(([name, value]) => [name, schemaOf(value)])) };
  if (typeof example === 'number') return { type: 'number' };
  return typeof example === 'boolean' ? { type: 'boolean' } : { type: 'string' };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
