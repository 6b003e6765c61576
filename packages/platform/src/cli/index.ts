export type { CliIo } from './io.ts';
export type { BenchOptions, BenchWatch, CliPorts, KubeOptions, OperatorOptions, PickerOptions, SimulateOptions, SimulateRow, UpOptions } from './ports.ts';
export { runCli } from './program.ts';
