/** JSON that stands in the text of a model: alone, in a code fence or between sentences; with trailing commas. Undefined when there is none. */
export function extractJson(text: string): unknown {
  const fenced = /```[a-zA-Z]*\s*\n?([\s\S]*?)```/.exec(text)?.[1];
  for (const candidate of [text, ...(fenced === undefined ? [] : [fenced])]) {
    const parsed = parseLoosely(candidate);
    if (parsed !== undefined) return parsed;
  }
  return firstBlock(text);
}

/** The first object or list that parses; prose before it may hold stray brackets, but not endlessly many. */
function firstBlock(text: string): unknown {
  let tries = 0;
  for (let from = 0; from < text.length && tries < 20; from += 1) {
    if (text[from] !== '{' && text[from] !== '[') continue;
    tries += 1;
    const end = blockEnd(text, from);
    const parsed = end === undefined ? undefined : parseLoosely(text.slice(from, end));
    if (parsed !== undefined) return parsed;
  }
  return undefined;
}

/** Index after the bracket that closes the one at `from`. */
function blockEnd(text: string, from: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function parseLoosely(text: string): unknown {
  for (const candidate of [text, withoutTrailingCommas(text)]) {
    try {
      return JSON.parse(candidate) as unknown;
    } catch {
      // The next candidate is tried.
    }
  }
  return undefined;
}

/** Commas before a closing bracket go, except inside of quotes. */
const withoutTrailingCommas = (text: string): string => text.replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, quoted: string | undefined) => quoted ?? '');
