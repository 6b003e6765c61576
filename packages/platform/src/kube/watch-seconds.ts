/** After so long the server ends a watch itself. */
export const WATCH_SECONDS = 240;
