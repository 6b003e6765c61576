import { PlatformError } from '@maru/api/errors';
import { collect, type RegisterCommand } from '../command.ts';

interface Flags {
  readonly model: string;
  readonly config?: string;
  readonly endpoint: readonly string[];
  readonly pool?: string;
  readonly namespace: string;
  readonly policy?: string;
  readonly maxEndpoints?: string;
  readonly objectives: readonly string[];
  readonly engine: string;
  readonly kvEventsPort?: string;
  readonly kvReplayPort?: string;
  readonly tokenizer?: string;
  readonly listen: string;
  readonly tls: 'off' | 'self-signed' | 'files';
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly maxWait?: string;
  readonly metricsListen?: string;
  readonly grace: string;
}

export const registerPicker: RegisterCommand = (program, { ports }) => {
  program
    .command('picker', { hidden: true })
    .description('choose a replica for each request of an Envoy-based gateway (ext_proc)')
    .requiredOption('--model <name>', 'name that the replicas serve')
    .option('--endpoint <ip:port>', 'a replica (repeat for more)', collect, [])
    .option('--pool <name>', 'InferencePool of the cluster, in place of --endpoint')
    .option('--namespace <name>', 'namespace of the pool', 'default')
    .option('--config <file>', 'EndpointPickerConfig of llm-d')
    .option('--policy <name>', 'policy of the router (default: that of --config, else maru)')
    .option('--max-endpoints <number>', 'addresses that the gateway is told, to go on with where the first one fails (default 1)')
    .option(
      '--objectives <file>',
      'InferenceObjectives, whose priorities requests name (repeat for more; with --pool those of the cluster count too)',
      collect,
      [],
    )
    .option('--engine <kind>', 'engine of the replicas: vllm, sglang, tensorrt-llm or dynamo', 'vllm')
    .option('--kv-events-port <number>', 'port of the KV events of the replicas')
    .option('--kv-replay-port <number>', 'port where missed KV events are asked for')
    .option('--tokenizer <file>', 'tokenizer.json of the model (default: the engine is asked)')
    .option('--listen <host:port>', 'address to listen on; port 0 takes a free one', '127.0.0.1:9002')
    .option('--tls <kind>', 'off, self-signed or files', 'off')
    .option('--tls-cert <file>', 'certificate in PEM, for --tls files')
    .option('--tls-key <file>', 'its key in PEM')
    .option('--max-wait <seconds>', 'requests wait so long while all replicas are full, by priority and in equal parts (default: nobody waits)')
    .option('--metrics-listen <host:port>', 'address of /metrics, and with MARU_MASTER_KEY of what other pickers hear (default: none)')
    .option('--grace <seconds>', 'time that open requests get when it stops', '30')
    .action((flags: Flags) =>
      ports.picker({
        ...flags,
        endpoints: flags.endpoint.map(checkAddress),
        maxEndpoints: optional(flags.maxEndpoints, '--max-endpoints', 16),
        kvEventsPort: optional(flags.kvEventsPort, '--kv-events-port', 65_535),
        kvReplayPort: optional(flags.kvReplayPort, '--kv-replay-port', 65_535),
        tls: tlsOf(flags),
        maxWaitMs: secondsToMs(optional(flags.maxWait, '--max-wait', 3600)),
        graceMs: number(flags.grace, '--grace', 3600) * 1000,
      }),
    );
};

const secondsToMs = (seconds: number | undefined): number | undefined => (seconds === undefined ? undefined : seconds * 1000);

const optional = (text: string | undefined, name: string, most: number): number | undefined => (text === undefined ? undefined : number(text, name, most));

function number(text: string, name: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new PlatformError('usage', { message: `${name} must be a whole number from 1 to ${most}, not "${text}"` });
}

/** A gateway can only be told addresses, never names. */
function checkAddress(text: string): string {
  const [, v6, v4, port] = /^(?:\[([\da-fA-F:.]+)\]|(\d{1,3}(?:\.\d{1,3}){3})):(\d{1,5})$/.exec(text) ?? [];
  if ((v6 ?? v4) !== undefined && Number(port) >= 1 && Number(port) <= 65_535) return text;
  throw new PlatformError('usage', { message: `--endpoint must be an IP address and a port, such as 10.0.0.5:8000, not "${text}"` });
}

function tlsOf({ tls, tlsCert, tlsKey }: Flags): { readonly certificate: string; readonly key: string } | 'self-signed' | undefined {
  if (tls === 'self-signed') return tls;
  if (tls === 'files' && tlsCert !== undefined && tlsKey !== undefined) return { certificate: tlsCert, key: tlsKey };
  if (tls === 'off') return undefined;
  throw new PlatformError('usage', { message: '--tls must be off, self-signed, or files with --tls-cert and --tls-key' });
}
