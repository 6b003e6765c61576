import type { BatchApiPart } from './batch-api.ts';

type Line = BatchApiPart['lines'][number];

/** The input file of a batch as a form, one line at a time; `lineOf` makes the JSON of a line. */
export function uploadForm(
  { token, lines }: Pick<BatchApiPart, 'token' | 'lines'>,
  lineOf: (line: Line) => string,
): { readonly body: AsyncIterable<Uint8Array>; readonly contentType: string } {
  const boundary = `maru-${token}`;
  const field = (name: string, more: string): string => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n`;
  const pieces = async function* (): AsyncIterable<Uint8Array> {
    yield Buffer.from(`${field('purpose', '')}batch\r\n${field('file', `; filename="${token}.jsonl"\r\ncontent-type: application/jsonl`)}`);
    for (const line of lines) yield Buffer.from(`${lineOf(line)}\n`);
    yield Buffer.from(`\r\n--${boundary}--\r\n`);
  };
  return { body: pieces(), contentType: `multipart/form-data; boundary=${boundary}` };
}
