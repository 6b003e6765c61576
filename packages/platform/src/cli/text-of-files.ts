import { readFile } from 'node:fs/promises';
import { readVariable } from '#config';
import { loadFiles } from '#resources';
import type { CliIo } from './io.ts';

/** The YAML of files, folders and `-` (standard input) as one text; problems of its contents are reported by who reads it. */
export async function textOfFiles(paths: readonly string[], io: Pick<CliIo, 'readStdin'>): Promise<string> {
  const texts = await Promise.all(paths.map((path) => (path === '-' ? io.readStdin() : textOf(path))));
  return texts.join('\n---\n');
}

async function textOf(path: string): Promise<string> {
  const { files } = await loadFiles([path], { environment: readVariable });
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n---\n');
}
