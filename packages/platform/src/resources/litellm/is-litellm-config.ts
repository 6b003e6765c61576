const BLOCKS = 'model_list|litellm_settings|general_settings|router_settings';
const HAS_BLOCK = new RegExp(`^(["']?)(${BLOCKS})\\1\\s*:`, 'm');
const IS_JSON = /^\s*\{/;
const HAS_JSON_BLOCK = new RegExp(`"(${BLOCKS})"\\s*:`);
const IS_RESOURCE = /^\s*["']?apiVersion["']?\s*:/m;

/** Whether a text is the configuration of a LiteLLM proxy, by the names of its blocks: it is parsed only once, by who reads it. */
export const isLitellmConfig = (text: string): boolean => (IS_JSON.test(text) ? HAS_JSON_BLOCK : HAS_BLOCK).test(text) && !IS_RESOURCE.test(text);
