/** What a command may write to; handed in so that tests read it. */
export interface CliIo {
  out(text: string): void;
  err(text: string): void;
  /** Whether standard error is a terminal that shows progress. */
  readonly interactive: boolean;
  /** Whether standard error may show colours: a terminal, and `NO_COLOR` is not set. */
  readonly colour: boolean;
  /** Standard input as text, for `-f -`. */
  readStdin(): Promise<string>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}
