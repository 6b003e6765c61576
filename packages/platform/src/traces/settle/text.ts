/** Text that PostgreSQL accepts: it refuses the character NUL, and one such text must never hold up a whole batch. */
export const cleanText = (text: string): string => (text.includes('\u0000') ? text.replaceAll('\u0000', '\uFFFD') : text);

/** Stored JSON; undefined when it is not JSON, so that one bad row does not hide its trace. */
export function parseValue(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

export function parseObject(json: string): Record<string, unknown> {
  const value = parseValue(json);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
