import type { Command as Commander } from 'commander';
import { type ClientFlags, readClientConfig } from '#config';
import { type ApiClient, createApiClient } from './client.ts';
import type { CliIo } from './io.ts';
import type { CliPorts } from './ports.ts';

export interface CliContext {
  readonly io: CliIo;
  readonly ports: CliPorts;
  /** Sets the exit code of a command that ended in order but found something wrong. */
  exit(code: number): void;
}

/** One command: adds itself to the program. */
export type RegisterCommand = (program: Commander, context: CliContext) => void;

/** Adds the flags of every command that talks to a running platform. */
export const withServer = (command: Commander): Commander =>
  command
    .option('--server <url>', 'address of the platform (default http://127.0.0.1:4000)')
    .option('--key <key>', 'key to use (default: the master key of this machine)')
    .option('--data-dir <folder>', 'data folder to find the master key in');

export const clientOf = (flags: ClientFlags): ApiClient => createApiClient(readClientConfig(flags));

/** Collects a flag that may be given several times. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
