/** The text of a failed tool's result, for formats that have no mark for it. */
export const toErrorText = (text: string): string => (/^error\b/i.test(text) ? text : `Error: ${text}`);
