import type { Dispatcher } from 'undici';

/** How to reach an API server and who to be there. */
export interface Credentials {
  /** Origin and path prefix, without a slash at the end. */
  readonly server: string;
  /** Headers of the identity; asked before every request, so that tokens may rotate. */
  headers(): Promise<Readonly<Record<string, string>>>;
  readonly dispatcher: Dispatcher;
}
