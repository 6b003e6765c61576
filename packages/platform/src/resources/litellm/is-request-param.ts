import { PARAMS_KEYS } from './keys/deployment-keys.ts';

/** Credentials that only some providers need; the provider of the model reads them. */
const CREDENTIAL = /^(aws|azure|vertex|watsonx|tenant|client|region)_|^api_version$/;

/** Whether a key of `litellm_params` is a parameter of a request: what LiteLLM and the providers do not read themselves. */
export const isRequestParam = (key: string): boolean => !Object.hasOwn(PARAMS_KEYS, key) && !CREDENTIAL.test(key);
