import { each, type KnownKeys, USED } from './disposition.ts';

/** Blocks of a LiteLLM configuration. */
export const TOP_LEVEL_KEYS: KnownKeys = Object.freeze({
  ...each('model_list litellm_settings general_settings router_settings environment_variables include credential_list guardrails', USED),
  ...each('mcp_servers mcp_tools', 'tools belong to agents; write each server as a ToolServer'),
  ...each('agents agent_list', 'agents are resources of their own; write each as an Agent'),
  ...each('search_tools sandbox_tools', 'tools belong to agents; give them to an Agent'),
  ...each('prompts', 'prompts stand in the instructions of an Agent'),
  ...each('policies policy_attachments', 'guardrails are attached to routes, see "guardrails"'),
  ...each('vector_store_registry', 'documents are kept in a KnowledgeBase'),
  ...each('callback_settings', 'traces are kept by the platform itself'),
  ...each('default_vertex_config', 'set vertex_project and vertex_location in the litellm_params of each model'),
  ...each('assistant_settings', 'the assistants API is not served; use an Agent'),
  ...each('finetune_settings', 'fine-tuning runs in a Pipeline'),
  ...each('files_settings', 'files are passed to the provider of the model'),
  ...each('worker_registry', 'replicas share one database, and need no registry'),
});
