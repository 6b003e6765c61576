// The start image of a checkout: the program and the libraries that it loads first, in a few files instead of a thousand.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where the image of a checkout lies: beside the packages that it is made of, so that npm removes it with them. */
export const imageFolderOf = (root) => join(root, 'packages/platform/node_modules/.cache/maru/image');

/** What a file of a checkout is known by: `SIZE-MTIME`; undefined when it does not exist. */
export function stampOf(root, path) {
  const stat = statSync(`${root}/${path}`, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.size}-${stat.mtimeMs}`;
}

/** The entry of the image; undefined when there is none, or when a file that went into it is no longer the same. */
export function freshImage(root) {
  try {
    const folder = imageFolderOf(root);
    const { entry, inputs } = JSON.parse(readFileSync(join(folder, 'image.json'), 'utf8'));
    for (const [path, stamp] of Object.entries(inputs)) if (stampOf(root, path) !== stamp) return undefined;
    return join(folder, entry);
  } catch {
    return undefined;
  }
}
