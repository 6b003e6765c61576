import { describe, expect, it } from 'vitest';
import { decodeText } from './decode-text.ts';

describe('decodeText', () => {
  it('drops the byte order mark of UTF-8 and reads both kinds of UTF-16', () => {
    expect(decodeText('a.txt', Buffer.from('\ufeff한글')).text).toBe('한글');
    expect(decodeText('a.txt', Buffer.from('\ufeff한글', 'utf16le')).text).toBe('한글');
    expect(decodeText('a.txt', Buffer.from('\ufeff한글', 'utf16le').swap16()).text).toBe('한글');
  });

  it('reads EUC-KR and says so', () => {
    expect(decodeText('old.txt', Buffer.from([0xc7, 0xd1, 0xb1, 0xdb]))).toEqual({ text: '한글', note: 'read as EUC-KR' });
  });

  it('replaces what is not valid UTF-8 and says how much', () => {
    const bytes = Buffer.concat([Buffer.from('A sentence with one broken byte: '), Buffer.from([0xff]), Buffer.from(' and more words.')]);

    const { text, note } = decodeText('a.txt', bytes);

    expect(text).toContain('byte: \ufffd and');
    expect(note).toContain('1 characters');
  });

  it('refuses what is no text', () => {
    expect(() => decodeText('a.txt', Buffer.from([0x81, 0xff, 0xfe, 0xfd, 0x90, 0xff]))).toThrow(/not text/);
  });
});
