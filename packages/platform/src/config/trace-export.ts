import { PlatformError } from '@maru/api/errors';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where traces go besides the own database. */
export interface TraceExportConfig {
  readonly targets: readonly { readonly name: string; readonly url: string; readonly headers: Readonly<Record<string, string>> }[];
}

/** Reads `MARU_OTLP_URL`, `MARU_OTLP_HEADERS` and `MARU_LANGFUSE_*`; throws `config_invalid` naming the variable. */
export function readTraceExport(environment: Environment): TraceExportConfig {
  const otlpUrl = given(environment, 'MARU_OTLP_URL');
  const otlpHeaders = given(environment, 'MARU_OTLP_HEADERS');
  const langfuseUrl = given(environment, 'MARU_LANGFUSE_URL');
  const publicKey = given(environment, 'MARU_LANGFUSE_PUBLIC_KEY');
  const secretKey = given(environment, 'MARU_LANGFUSE_SECRET_KEY');
  if (otlpHeaders !== undefined && otlpUrl === undefined) throw invalid('MARU_OTLP_HEADERS', 'says nothing without MARU_OTLP_URL');
  const targets = [];
  if (otlpUrl !== undefined) targets.push({ name: 'otlp', url: tracesUrl('MARU_OTLP_URL', otlpUrl, '/v1/traces'), headers: headersOf(otlpHeaders ?? '') });
  if (langfuseUrl !== undefined || publicKey !== undefined || secretKey !== undefined) {
    if (langfuseUrl === undefined || publicKey === undefined || secretKey === undefined)
      throw invalid('MARU_LANGFUSE_URL', 'needs MARU_LANGFUSE_PUBLIC_KEY and MARU_LANGFUSE_SECRET_KEY beside it');
    const authorization = `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
    targets.push({ name: 'langfuse', url: tracesUrl('MARU_LANGFUSE_URL', langfuseUrl, '/api/public/otel/v1/traces'), headers: { authorization } });
  }
  return { targets };
}

const given = (environment: Environment, name: string): string | undefined => (environment[name] === '' ? undefined : environment[name]);

/** The address of traces at a base; one that has the path already stays. */
function tracesUrl(name: string, text: string, path: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || url.search !== '')
    throw invalid(name, 'must be an address such as https://collector.example.com, without user name, password or query');
  const base = url.href.replace(/\/+$/, '');
  return base.endsWith('/v1/traces') ? base : base + path;
}

/** `name=value,name=value`, with values as in an address, as OpenTelemetry writes headers. */
function headersOf(text: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const [, name, value] = /^\s*([A-Za-z0-9-]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    if (name === undefined || value === undefined) throw invalid('MARU_OTLP_HEADERS', 'must be name=value pairs, separated by commas');
    headers[name.toLowerCase()] = decode(value);
  }
  return headers;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

const invalid = (name: string, problem: string): PlatformError =>
  new PlatformError('config_invalid', { message: `${name} ${problem}`, details: { setting: name } });
