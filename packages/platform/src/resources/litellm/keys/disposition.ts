/** The key is taken over, or what it asks for always holds here. */
export const USED = true;

/** What becomes of a key: taken over, or the reason why not, as the end of "… is not taken over: ". */
export type Disposition = typeof USED | string;

export type KnownKeys = Readonly<Record<string, Disposition>>;

/** One disposition for several keys. */
export const each = (keys: string, disposition: Disposition): Record<string, Disposition> =>
  Object.fromEntries(
    keys
      .trim()
      .split(/\s+/)
      .map((key) => [key, disposition]),
  );
