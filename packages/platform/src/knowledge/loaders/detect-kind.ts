import { extname } from 'node:path';
import { PlatformError } from '@maru/api/errors';

export const DOCUMENT_KINDS = ['markdown', 'html', 'pdf', 'docx', 'text', 'csv'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

const BY_EXTENSION: Readonly<Record<string, DocumentKind>> = {
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.html': 'html',
  '.htm': 'html',
  '.xhtml': 'html',
  '.pdf': 'pdf',
  '.docx': 'docx',
  '.txt': 'text',
  '.text': 'text',
  '.log': 'text',
  '.csv': 'csv',
  '.tsv': 'csv',
};

/** The kind that the name promises; undefined for files that are no documents. */
export function kindOfName(path: string): DocumentKind | undefined {
  return BY_EXTENSION[extname(path).toLowerCase()];
}

/** Compares the promise of the name with the first bytes; throws `document_unreadable` when they contradict each other. */
export function checkMagic(path: string, kind: DocumentKind, bytes: Uint8Array): void {
  const found = magicOf(bytes);
  if (kind === 'pdf' && found === 'PDF') return;
  if (kind === 'docx' && found === 'ZIP') return;
  if (kind === 'docx' && found === 'OLE') throw unreadable(path, 'is an encrypted or an old Word document: save it as an unencrypted .docx');
  if (kind === 'pdf' || kind === 'docx') throw unreadable(path, `is named .${kind} but holds ${found ?? 'something else'}: rename or repair it`);
  if (found !== undefined) throw unreadable(path, `is named as ${kind} but holds ${found}: rename it`);
}

function unreadable(path: string, what: string): PlatformError {
  return new PlatformError('document_unreadable', { message: `${path} ${what}`, details: { path } });
}

const SIGNATURES: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['ZIP', [0x50, 0x4b, 0x03, 0x04]],
  ['ZIP', [0x50, 0x4b, 0x05, 0x06]],
  ['OLE', [0xd0, 0xcf, 0x11, 0xe0]],
  ['PNG', [0x89, 0x50, 0x4e, 0x47]],
  ['JPEG', [0xff, 0xd8, 0xff]],
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['an ELF program', [0x7f, 0x45, 0x4c, 0x46]],
];

function magicOf(bytes: Uint8Array): string | undefined {
  for (const [name, signature] of SIGNATURES) if (signature.every((byte, index) => bytes[index] === byte)) return name;
  // Readers accept a PDF whose header stands within the first kilobyte.
  if (Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(1024, bytes.length)).includes('%PDF-')) return 'PDF';
  return undefined;
}
