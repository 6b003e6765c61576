import { type ErrorCode, toPlatformError } from '@maru/api/errors';

/** 1 failed, 2 wrong usage, 3 not found, 130 stopped by Ctrl-C. */
export const EXIT = Object.freeze({ ok: 0, failed: 1, usage: 2, notFound: 3, interrupted: 130 });

const USAGE_CODES: readonly ErrorCode[] = ['usage', 'config_invalid'];
const NOT_FOUND_CODES: readonly ErrorCode[] = ['not_found', 'model_not_found', 'model_unknown'];

/** The exit code that a thrown error stands for. */
export function exitCodeOf(thrown: unknown): number {
  const { code } = toPlatformError(thrown);
  if (USAGE_CODES.includes(code)) return EXIT.usage;
  if (NOT_FOUND_CODES.includes(code)) return EXIT.notFound;
  if (code === 'cancelled') return EXIT.interrupted;
  return EXIT.failed;
}
