import { z } from 'zod';

/** A page of a list; `nextCursor` is null on the last one. */
export const pageOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null };
