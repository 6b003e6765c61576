import { loadFormat, type WireFormat } from '#formats';

type Fields = Readonly<Record<string, unknown>>;

/** One field under two names: a client that sets either has said it. */
const SAME: Readonly<Record<string, string>> = { max_tokens: 'max_completion_tokens', max_completion_tokens: 'max_tokens' };

const known = new WeakMap<Fields, Map<WireFormat, Promise<Fields>>>();

/** Defaults, which are written in the words of OpenAI's chat API, in those of another format; what the format can not say is left out. */
export function defaultsIn(format: WireFormat, defaults: Fields): Promise<Fields> {
  const ofDefaults = known.get(defaults) ?? new Map<WireFormat, Promise<Fields>>();
  known.set(defaults, ofDefaults);
  const before = ofDefaults.get(format);
  if (before !== undefined) return before;
  const made = translate(format, defaults);
  ofDefaults.set(format, made);
  return made;
}

/** What a request of that format does not say itself. */
export function unsaid(defaults: Fields, isSaid: (name: string) => boolean): Fields {
  const entries = Object.entries(defaults).filter(([name]) => !isSaid(name) && !isSaid(SAME[name] ?? name));
  return Object.fromEntries(entries);
}

async function translate(format: WireFormat, defaults: Fields): Promise<Fields> {
  const [openai, other] = await Promise.all([loadFormat('openai-chat'), loadFormat(format)]);
  const encode = (fields: Fields): Fields => {
    const body = { ...fields, model: 'model', messages: [{ role: 'user', content: '-' }] };
    return other.encodeRequest(openai.decodeRequest(body).request).body;
  };
  const plain = encode({});
  // What stands in every request of the format is no default.
  return Object.fromEntries(Object.entries(encode(defaults)).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(plain[name])));
}
