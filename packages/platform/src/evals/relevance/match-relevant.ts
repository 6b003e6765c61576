import type { TargetPassage } from '../ports.ts';

/**
 * For each passage in rank order, whether it brings a relevant item that none before it brought. An item is `file` or
 * `file#heading`; a file matches by its whole path or by its end. A second passage of the same item keeps its rank but
 * brings nothing.
 */
export function matchRelevant(passages: readonly Pick<TargetPassage, 'document' | 'heading'>[], relevant: readonly string[]): readonly boolean[] {
  const open = new Set(relevant);
  return passages.map((passage) => {
    let brings = false;
    for (const item of open)
      if (isAbout(passage, item)) {
        open.delete(item);
        brings = true;
      }
    return brings;
  });
}

function isAbout(passage: Pick<TargetPassage, 'document' | 'heading'>, item: string): boolean {
  const hash = item.indexOf('#');
  const file = hash < 0 ? item : item.slice(0, hash);
  if (!samePath(passage.document, file)) return false;
  return hash < 0 || sameHeading(passage.heading ?? '', item.slice(hash + 1));
}

const plain = (text: string): string => text.normalize('NFC').trim().toLowerCase();

function samePath(document: string, file: string): boolean {
  const [whole, end] = [plain(document).replace(/^\.\//, ''), plain(file).replace(/^\.\//, '')];
  return end !== '' && (whole === end || whole.endsWith(`/${end}`));
}

/** Headings may be given as a path (`Install > Linux`); its end is enough. */
function sameHeading(heading: string, wanted: string): boolean {
  const [whole, end] = [plain(heading), plain(wanted)];
  return whole === end || whole.endsWith(`> ${end}`);
}
