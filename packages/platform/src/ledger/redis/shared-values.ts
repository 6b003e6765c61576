import { PlatformError } from '@maru/api/errors';
import type { Redis } from '#store';

/** Values at one moment; undefined for keys that do not exist. */
export interface Snapshot {
  readonly values: readonly (string | undefined)[];
  /** By the clock of the server. */
  readonly nowMs: number;
}

/** Values in Redis or Valkey that change only when nobody else has changed them in between. */
export interface SharedValues {
  read(keys: readonly string[]): Promise<Snapshot>;
  /** Runs all commands if every key still holds what it held, and answers undefined; otherwise runs none, and answers what the keys hold now. */
  swap(keys: readonly string[], was: readonly (string | undefined)[], commands: readonly (readonly string[])[]): Promise<Snapshot | undefined>;
}

// A missing value is no text: replies of Lua end at the first nil.
const READ = `
local time = redis.call('TIME')
local reply = { time[1], time[2] }
for _, key in ipairs(KEYS) do
  local value = redis.call('GET', key)
  reply[#reply + 1] = value and ('=' .. value) or ''
end
`;
const READ_SCRIPT = `${READ}return reply`;
const SWAP_SCRIPT = `${READ}for at = 1, #KEYS do
  if reply[at + 2] ~= ARGV[at] then return reply end
end
for at = #KEYS + 1, #ARGV do
  redis.call(unpack(cjson.decode(ARGV[at])))
end
return false`;

export function createSharedValues(redis: Redis): SharedValues {
  const evaluate = async (script: string, keys: readonly string[], values: readonly string[]): Promise<Snapshot | undefined> => {
    const reply = await redis.send(['EVAL', script, String(keys.length), ...keys, ...values]);
    return reply === null ? undefined : toSnapshot(reply);
  };
  return {
    async read(keys) {
      const snapshot = await evaluate(READ_SCRIPT, keys, []);
      if (snapshot === undefined) throw unreadable();
      return snapshot;
    },
    swap: (keys, was, commands) =>
      evaluate(SWAP_SCRIPT, keys, [...was.map((value) => (value === undefined ? '' : `=${value}`)), ...commands.map((command) => JSON.stringify(command))]),
  };
}

function toSnapshot(reply: unknown): Snapshot {
  if (!Array.isArray(reply) || reply.length < 2) throw unreadable();
  const [seconds, micros, ...values] = reply as readonly unknown[];
  return {
    values: values.map((value) => (typeof value === 'string' && value.startsWith('=') ? value.slice(1) : undefined)),
    nowMs: Number(seconds) * 1000 + Math.floor(Number(micros) / 1000),
  };
}

const unreadable = (): PlatformError => new PlatformError('storage_failed', { message: 'Redis gave an answer that can not be read' });
