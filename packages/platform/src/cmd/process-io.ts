import pc from 'picocolors';
import type { CliIo } from '#cli';

/** Whether a stream may get colours. The library alone would colour every log of a CI system, and a pipe is read by programs there too. */
export const showsColour = (stream: { readonly isTTY?: boolean }): boolean => stream.isTTY === true && pc.isColorSupported;

/** The streams and signals of a process, as the command line wants them. Signals are bound at first use, so that `up` can bind its own. */
export function createProcessIo(process: NodeJS.Process): CliIo {
  let controller: AbortController | undefined;
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY,
    colour: showsColour(process.stderr),
    readStdin: async () => {
      process.stdin.setEncoding('utf8');
      let text = '';
      for await (const chunk of process.stdin) text += String(chunk);
      return text;
    },
    get signal() {
      if (controller === undefined) {
        const own = new AbortController();
        controller = own;
        process.once('SIGINT', () => own.abort());
      }
      return controller.signal;
    },
  };
}
