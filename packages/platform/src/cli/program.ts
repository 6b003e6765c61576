import { isPlatformError, toPlatformError } from '@maru/api/errors';
import { Command, CommanderError, Help } from 'commander';
import { createColors } from 'picocolors';
import type { CliContext, RegisterCommand } from './command.ts';
import { registerApply } from './commands/apply.ts';
import { registerBench } from './commands/bench.ts';
import { registerClean } from './commands/clean.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerDelete } from './commands/delete.ts';
import { registerDeploy } from './commands/deploy.ts';
import { registerDescribe } from './commands/describe.ts';
import { registerEval } from './commands/eval.ts';
import { registerGet } from './commands/get.ts';
import { registerImport } from './commands/import.ts';
import { registerKey } from './commands/key.ts';
import { registerOperator } from './commands/operator.ts';
import { registerPicker } from './commands/picker.ts';
import { registerRender } from './commands/render.ts';
import { registerRoute } from './commands/route.ts';
import { registerSimulate } from './commands/simulate.ts';
import { registerSize } from './commands/size.ts';
import { registerTest } from './commands/test.ts';
import { registerTraffic } from './commands/traffic.ts';
import { registerTwin } from './commands/twin.ts';
import { registerUp } from './commands/up.ts';
import { registerValidate } from './commands/validate.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';
import type { CliIo } from './io.ts';
import type { CliPorts } from './ports.ts';

const COMMANDS: readonly RegisterCommand[] = [
  registerUp,
  registerValidate,
  registerApply,
  registerGet,
  registerDescribe,
  registerDelete,
  registerDeploy,
  registerTest,
  registerClean,
  registerEval,
  registerKey,
  registerImport,
  registerSize,
  registerSimulate,
  registerTraffic,
  registerTwin,
  registerBench,
  registerRender,
  registerRoute,
  registerOperator,
  registerPicker,
  registerCompletion,
];

/** Runs one command line and returns its exit code; never throws. Errors go to standard error. */
export async function runCli(args: readonly string[], options: { readonly io: CliIo; readonly ports: CliPorts }): Promise<number> {
  const { io, ports } = options;
  let exitCode: number = EXIT.ok;
  const context: CliContext = {
    io,
    ports,
    exit: (code) => {
      exitCode = code;
    },
  };
  const program = new Command('maru')
    .description('Models, agents, knowledge and GPUs behind one gateway.')
    .version(ports.version, '-V, --version', 'print the version')
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .showSuggestionAfterError()
    .helpCommand(false)
    .usage('[--help] [--version] <command>')
    // The two flags of the program stand in its usage, so that the list of commands fits a screen.
    .configureHelp({
      subcommandTerm: (command) => command.name(),
      visibleOptions: (command) => (command.parent === null ? [] : new Help().visibleOptions(command)),
    })
    .exitOverride();
  for (const register of COMMANDS) register(program, context);
  // Commands are added after the program's settings, so each takes them over.
  for (const command of program.commands.flatMap((child) => [child, ...child.commands])) command.copyInheritedSettings(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (io.signal.aborted) return EXIT.interrupted;
    const known = toPlatformError(error);
    io.err(`${createColors(io.colour).red('error')} ${known.message}${isPlatformError(error) ? '' : `\n${String((error as Error).stack ?? error)}`}\n`);
    return exitCodeOf(error);
  }
}
