import { PlatformError } from '@maru/api/errors';

const MAX_DEPTH = 500;
const TAG = /<(\/?)([a-z][a-z0-9-]*)[^>]*?(\/?)>/gi;
/** Elements without an end, and those that the next one of their kind ends. */
const NEVER_DEEP = new Set(
  'area base br col embed hr img input link meta param source track wbr p li td th tr dt dd option thead tbody tfoot colgroup'.split(' '),
);

/** Throws `document_unreadable` for HTML whose elements are nested so deep that a DOM would take minutes, or all of the stack. */
export function checkNesting(path: string, html: string): void {
  let depth = 0;
  for (const [, closing, name = '', empty] of html.matchAll(TAG)) {
    if (empty === '/' || NEVER_DEEP.has(name.toLowerCase())) continue;
    depth = closing === '/' ? Math.max(0, depth - 1) : depth + 1;
    if (depth > MAX_DEPTH)
      throw new PlatformError('document_unreadable', { message: `${path} nests its elements more than ${MAX_DEPTH} deep: it is broken`, details: { path } });
  }
}
