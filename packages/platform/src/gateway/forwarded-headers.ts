/** Headers of Anthropic's clients that change what the engine does; no other header of a client is passed on. */
const FORWARDED = ['anthropic-version', 'anthropic-beta'] as const;

/** The headers for an engine that speaks Anthropic's format, with those of the client that belong to the request. */
export function forwardedHeaders(own: Readonly<Record<string, string>>, client: Readonly<Record<string, string>>): Record<string, string> {
  const headers: Record<string, string> = { ...own };
  for (const name of FORWARDED) {
    const value = client[name];
    if (value !== undefined && /^[\w.,: -]{1,1000}$/.test(value)) headers[name] = value;
  }
  return headers;
}
