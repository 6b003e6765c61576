/** A judge is asked again once when its reply can not be read. */
const ATTEMPTS = 2;

/** What a judge replied, parsed; undefined when no reply could be read. */
export async function askUntilReadable<T>(ask: () => Promise<string>, parse: (reply: string) => T | undefined): Promise<T | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const parsed = parse(await ask());
    if (parsed !== undefined) return parsed;
  }
  return undefined;
}
