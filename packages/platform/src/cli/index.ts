export type { CliIo } from './io.ts';
export type { CliPorts, OperatorOptions, SimulateOptions, SimulateRow, UpOptions } from './ports.ts';
export { runCli } from './program.ts';
