/**
 * Names the very program that runs: another one as soon as a line of it, or of a library, is another. The start image and the packages write it in;
 * undefined where sources run, which may change at any moment.
 */
export const PROGRAM_ID: string | undefined = undefined;
