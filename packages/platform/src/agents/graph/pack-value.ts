import { PlatformError } from '@maru/api/errors';

export interface Serde {
  dumpsTyped(data: unknown): Promise<[string, Uint8Array]>;
  loadsTyped(type: string, data: Uint8Array | string): Promise<unknown>;
}

/** A value as text: `json:…`, or `<type>;base64:…` for what LangGraph does not write as JSON. */
export async function packValue(serde: Serde, value: unknown): Promise<string> {
  const [type, bytes] = await serde.dumpsTyped(value);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return type === 'json' ? `json:${buffer.toString('utf8')}` : `${type};base64:${buffer.toString('base64')}`;
}

/** The value that {@link packValue} wrote; throws `data_corrupt` for anything else. */
export async function unpackValue(serde: Serde, text: string): Promise<unknown> {
  const match = /^([a-z]+)(;base64)?:/.exec(text);
  if (match?.[1] === undefined) throw new PlatformError('data_corrupt', { message: 'a checkpoint does not say how it was written' });
  const body = text.slice(match[0].length);
  try {
    return await serde.loadsTyped(match[1], match[2] === undefined ? body : Buffer.from(body, 'base64'));
  } catch (cause) {
    throw new PlatformError('data_corrupt', { message: 'a checkpoint can not be read back', cause });
  }
}
