export const isDigit = (code: number): boolean => code >= 48 && code <= 57;
export const isUpper = (code: number): boolean => code >= 65 && code <= 90;
export const isLetter = (code: number): boolean => isUpper(code) || (code >= 97 && code <= 122);
export const isWord = (code: number): boolean => isDigit(code) || isLetter(code) || code === 95;
/** Letters, digits, `_` and `-`: what most tokens are made of. */
export const isTokenPart = (code: number): boolean => isWord(code) || code === 45;
