/** Tools and models often hand JSON over as text: an object or a list in it is taken out, anything else stays as it is. */
export function unpackJson(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
