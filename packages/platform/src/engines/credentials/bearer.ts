import type { Authorize } from '../transport/authorize.ts';
import type { BearerToken } from './read-token.ts';
import type { Refreshing } from './refreshing.ts';

/** Sends a token that is kept fresh. */
export const bearer = (source: Refreshing<BearerToken>): Authorize => ({
  headers: async (_outgoing, signal) => ({ authorization: `Bearer ${(await source.get(signal)).token}` }),
  refused: () => source.forget(),
  close: async () => source.close(),
});
