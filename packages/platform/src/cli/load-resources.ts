import { PlatformError } from '@maru/api/errors';
import type { Resource } from '@maru/api/resources';
import { readVariable } from '#config';
import { checkSet, loadFiles, problemsError } from '#resources';

/** Checked resources of files and folders; throws `usage` where none is named, and all problems together. */
export async function loadResources(files: readonly string[]): Promise<readonly Resource[]> {
  if (files.length === 0) throw new PlatformError('usage', { message: 'name a file or folder with -f' });
  const loaded = await loadFiles(files, { environment: readVariable });
  const problems = [...loaded.problems, ...checkSet(loaded.resources)];
  if (problems.length > 0) throw problemsError(problems);
  return loaded.resources.map((entry) => entry.resource);
}
