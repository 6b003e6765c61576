import { PlatformError } from '@maru/api/errors';
import { type Command as Commander, Help } from 'commander';
import type { RegisterCommand } from '../command.ts';

export const registerCompletion: RegisterCommand = (program, { io }) => {
  program
    .command('completion', { hidden: true })
    .description('completion script for bash, zsh or fish')
    .argument('<shell>', 'bash, zsh or fish')
    .action((shell: string) => {
      const script = SCRIPTS[shell];
      if (script === undefined) throw new PlatformError('usage', { message: `there is no completion for "${shell}"; choose bash, zsh or fish` });
      io.out(script(program));
    });
};

/** What a person may call. */
const shown = (command: Commander): readonly Commander[] => new Help().visibleCommands(command);
const namesOf = (command: Commander): string =>
  shown(command)
    .map((child) => child.name())
    .join(' ');
const flagsOf = (command: Commander): string =>
  command.options.flatMap((option) => (option.long === undefined || option.long === null ? [] : [option.long])).join(' ');

/** Case lines: words that may follow a command path. */
const cases = (program: Commander): string =>
  shown(program)
    .flatMap((child) => [
      `    "${child.name()}") words="${namesOf(child)} ${flagsOf(child)}" ;;`,
      ...child.commands.map((grandchild) => `    "${child.name()} ${grandchild.name()}") words="${flagsOf(grandchild)}" ;;`),
    ])
    .join('\n');

const SCRIPTS: Readonly<Record<string, (program: Commander) => string>> = {
  bash: (program) => `_maru() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do [[ "$word" == -* ]] || path="\${path:+$path }$word"; done
  case "$path" in
    "") words="${namesOf(program)} --help --version" ;;
${cases(program)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _maru maru
`,
  zsh: (program) => `#compdef maru
autoload -U +X bashcompinit && bashcompinit
${SCRIPTS['bash']?.(program) ?? ''}`,
  fish: (program) =>
    `${shown(program)
      .map((child) => `complete -c maru -n __fish_use_subcommand -f -a ${child.name()} -d '${child.description().replaceAll("'", '')}'`)
      .join('\n')}\n`,
};
