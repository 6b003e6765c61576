/** What LiteLLM's clients have written about a thing, kept in its metadata to be shown to them again. */
export function keptFields(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const kept = metadata['litellm'];
  return typeof kept === 'object' && kept !== null && !Array.isArray(kept) ? (kept as Record<string, unknown>) : {};
}

/** Metadata with further fields of LiteLLM. */
export const withKept = (metadata: Readonly<Record<string, unknown>>, fields: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
  ...metadata,
  litellm: { ...keptFields(metadata), ...fields },
});

/** A time as LiteLLM writes it; null where there is none. */
export const toTime = (ms: number | null | undefined): string | null => (ms === null || ms === undefined ? null : new Date(ms).toISOString());
