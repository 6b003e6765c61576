import type { Engine } from '../engine.ts';
import { openAiPassPath, openAiPath } from '../openai-compatible/openai-paths.ts';
import type { PassOperation } from '../pass-request.ts';
import type { Authorize } from '../transport/authorize.ts';
import { createTransport, type TransportOptions } from '../transport/transport.ts';

export interface AzureOptions extends TransportOptions {
  readonly apiKey?: string | undefined;
  /** Used where there is no key. */
  readonly authorize?: Authorize | undefined;
  /** A version of the API with deployments in the path; the `v1` API, with deployments in the body, where absent. */
  readonly apiVersion?: string | undefined;
  readonly passes: readonly PassOperation[];
}

/** Calls Azure OpenAI. `baseUrl` is the address of the resource; `servedName` is the name of the deployment. */
export function createAzureEngine(options: AzureOptions): Engine {
  const { apiKey, authorize, apiVersion } = options;
  const headers = { ...(apiKey === undefined ? {} : { 'api-key': apiKey }), ...options.headers };
  const baseUrl = options.baseUrl.replace(/\/(openai(\/v1)?)?\/*$/, '');

  /** `path` is that of the OpenAI API below its version. */
  const toPath = (prefix: string, path: string): string => {
    if (apiVersion === undefined || apiVersion === 'v1') return `${prefix}/openai/v1${path}`;
    const deployment = path === '/responses' ? '' : `/deployments/${encodeURIComponent(options.servedName)}`;
    return `${prefix}/openai${deployment}${path}?api-version=${apiVersion}`;
  };

  return createTransport(
    { ...options, baseUrl, headers },
    {
      speaks: ['openai-chat', 'openai-responses'],
      target(request, prefix) {
        const path = request.format === 'anthropic-messages' ? undefined : openAiPath(request);
        return path === undefined ? undefined : { path: toPath(prefix, path) };
      },
      pass(operation, prefix) {
        const path = options.passes.includes(operation) ? openAiPassPath(operation, '') : undefined;
        return path === undefined ? undefined : { path: toPath(prefix, path) };
      },
      ...(apiKey === undefined && authorize !== undefined ? { authorize } : {}),
    },
  );
}
