import { pino } from 'pino';

/** Object first, message second; never secrets, never prompts. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const REDACTED = [
  'authorization',
  'apiKey',
  'key',
  'secret',
  'password',
  'token',
  '*.authorization',
  '*.apiKey',
  '*.secret',
  '*.password',
  '*.token',
  'headers.authorization',
];

/** JSON lines on standard error; values under the names of secrets are replaced. */
export function createLog(level: LogLevel): Log {
  return pino({ level, base: null, redact: { paths: REDACTED, censor: '[redacted]' } }, pino.destination({ fd: 2, sync: true }));
}

/** A log that says nothing, for tests and libraries. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
