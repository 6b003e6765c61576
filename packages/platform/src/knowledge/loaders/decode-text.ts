import { PlatformError } from '@maru/api/errors';

export interface DecodedText {
  readonly text: string;
  readonly note?: string;
}

/**
 * Bytes to text: by byte order mark, else UTF-8, else EUC-KR (CP949), else UTF-8 with replaced characters, which is noted.
 * Throws `document_unreadable` for what is no text at all.
 */
export function decodeText(path: string, bytes: Uint8Array): DecodedText {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: new TextDecoder('utf-16le').decode(bytes) };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { text: new TextDecoder('utf-16be').decode(bytes) };
  if (bytes.includes(0)) throw new PlatformError('document_unreadable', { message: `${path} is not text: it holds zero bytes`, details: { path } });
  const utf8 = tryDecode('utf-8', bytes);
  if (utf8 !== undefined) return { text: utf8 };
  const korean = tryDecode('euc-kr', bytes);
  if (korean !== undefined && /[\uac00-\ud7a3]/.test(korean)) return { text: korean, note: 'read as EUC-KR' };
  const text = new TextDecoder('utf-8').decode(bytes);
  const broken = text.split('\ufffd').length - 1;
  if (broken > text.length * 0.1) throw new PlatformError('document_unreadable', { message: `${path} is not text in UTF-8`, details: { path } });
  return { text, note: `${broken} characters were not valid UTF-8 and are replaced` };
}

function tryDecode(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
