export { ERROR_CATALOGUE, ERROR_CODES, type ErrorCode, type ErrorEntry } from './catalogue.ts';
export { isPlatformError, PlatformError, type PlatformErrorOptions, toPlatformError } from './platform-error.ts';
