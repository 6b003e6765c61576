/** Says whether a public name is on a list. */
export type ModelList = (name: string) => boolean;

/** Names of groups of models, as the tree defines them: the nearest definition counts. */
export type ModelGroups = ReadonlyMap<string, readonly string[]>;

const ALL: ModelList = () => true;
const MAX_DEPTH = 4;

/**
 * A list of names, patterns with `*` for any text, and names of groups, which stand for their lists. An absent list allows all,
 * an empty one nothing. A name is compared in linear time, whatever the pattern.
 */
export function createModelList(entries: readonly string[] | undefined, groups: ModelGroups): ModelList {
  if (entries === undefined) return ALL;
  const names = new Set<string>();
  const patterns: (readonly string[])[] = [];
  const add = (list: readonly string[], depth: number): void => {
    for (const entry of list) {
      const group = groups.get(entry);
      // A group that contains itself ends here, and its name still stands for a model of that name.
      if (group !== undefined && depth < MAX_DEPTH) add(group, depth + 1);
      if (entry.includes('*')) patterns.push(entry.split('*'));
      else names.add(entry);
    }
  };
  add(entries, 0);
  if (patterns.some((pieces) => pieces.every((piece) => piece === ''))) return ALL;
  return (name) => names.has(name) || patterns.some((pieces) => matchesPieces(name, pieces));
}

/** `*` between the pieces stands for any text: the first piece begins the name, the last ends it, the others follow in order. */
function matchesPieces(name: string, pieces: readonly string[]): boolean {
  const first = pieces[0] ?? '';
  const last = pieces[pieces.length - 1] ?? '';
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  const end = name.length - last.length;
  for (let index = 1; index < pieces.length - 1; index += 1) {
    const piece = pieces[index] ?? '';
    const found = name.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
