import { collect, type RegisterCommand } from '../command.ts';

export const registerUp: RegisterCommand = (program, { ports }) => {
  program
    .command('up')
    .description('start the whole platform')
    .option('-f, --file <path>', 'file or folder of resources, or a LiteLLM config (repeat for more; default: the quickstart)', collect, [])
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .option('--port <number>', 'port to listen on (default 4000; 0 takes a free one)')
    .option('--data-dir <folder>', 'folder for everything that is kept (default .maru)')
    .option('--workers <number>', 'processes that answer calls of models: a number, or auto for one per processor (default 0: this process)')
    .action((flags: { file: string[]; host?: string; port?: string; dataDir?: string; workers?: string }) =>
      ports.up({ files: flags.file, host: flags.host, port: flags.port, dataDir: flags.dataDir, workers: flags.workers }),
    );
  program
    .command('worker', { hidden: true })
    .description('answer calls for the "maru up" that has started this process')
    .action(() => ports.worker());
};
