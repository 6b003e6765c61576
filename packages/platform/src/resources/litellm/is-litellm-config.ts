const BLOCKS = ['model_list', 'litellm_settings', 'general_settings', 'router_settings'];

/** Whether a parsed YAML document is a LiteLLM proxy configuration. */
export const isLitellmConfig = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !('apiVersion' in value) && BLOCKS.some((block) => block in value);

/** Whether a text may be one: cheap enough to ask before it is parsed. */
export const mayBeLitellmConfig = (text: string): boolean => BLOCKS.some((block) => text.includes(block));
