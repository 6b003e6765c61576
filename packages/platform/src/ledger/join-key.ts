/** One text for several values, different for different values whatever stands in them; several times cheaper than JSON. */
export function joinKey(parts: readonly (string | number | boolean)[]): string {
  let key = '';
  for (const part of parts) {
    const text = String(part);
    key += `${text.length}:${text}`;
  }
  return key;
}
