import { each, type KnownKeys, USED } from './disposition.ts';

const NO_LIMIT = 'set the limit of each key';
const OWN_ROUTER = 'use a Route with conditions on the complexity of a request';

/** Keys of `litellm_params` that are not parameters of a request. */
export const PARAMS_KEYS: KnownKeys = Object.freeze({
  ...each('model custom_llm_provider api_key api_base base_url organization litellm_credential_name extra_headers extra_body mock_response base_model', USED),
  ...each('rpm tpm weight order max_parallel_requests timeout stream_timeout max_retries num_retries cooldown_time tags max_budget budget_duration', USED),
  ...each('input_cost_per_token output_cost_per_token cache_read_input_token_cost cache_creation_input_token_cost output_cost_per_reasoning_token', USED),
  ...each('drop_params use_in_pass_through', USED),
  ...each('itpm otpm', 'set rpm and tpm; tokens per minute count prompt and answer'),
  ...each('tag_regex', 'write a condition with a regular expression in the Route'),
  ...each('default_api_key_rpm_limit default_api_key_tpm_limit', NO_LIMIT),
  ...each('configurable_clientside_auth_params', 'a client can not bring credentials or addresses of its own'),
  ...each('merge_reasoning_content_in_choices', 'reasoning stays in its own field'),
  ...each('use_chat_completions_api use_xai_oauth use_litellm_proxy rust', 'the provider is called through the interface that it serves'),
  ...each('keepalive_seconds allow_client_keepalive_override', 'a stream carries only what the model sends'),
  ...each('metadata guardrails cache fallbacks caching ttl no-log litellm_session_id litellm_metadata mock_tool_calls mock_timeout', 'it is said in a request'),
  ...each(
    'model_info litellm_trace_id max_file_size_mb timeout_by_service_tier stream_timeout_by_service_tier provider_affinity_header',
    'there is no such switch here',
  ),
  ...each('auto_router_config_path auto_router_config auto_router_default_model auto_router_embedding_model', OWN_ROUTER),
  ...each('complexity_router_config complexity_router_default_model adaptive_router_config adaptive_router_default_model', OWN_ROUTER),
  ...each('quality_router_config quality_router_default_model', OWN_ROUTER),
  ...each(
    'input_cost_per_second output_cost_per_second cost_per_second input_cost_per_character output_cost_per_character input_cost_per_image output_cost_per_image input_cost_per_pixel input_cost_per_query',
    'prices are per token',
  ),
  ...each(
    'input_cost_per_token_above_128k_tokens input_cost_per_token_above_200k_tokens output_cost_per_token_above_128k_tokens output_cost_per_token_above_200k_tokens input_cost_per_audio_token output_cost_per_audio_token input_cost_per_token_batches output_cost_per_token_batches',
    'a written price has no tiers; without one, the price book applies its own',
  ),
});

/** Keys of `model_info`. */
export const MODEL_INFO_KEYS: KnownKeys = Object.freeze({
  ...each('id mode max_tokens max_input_tokens max_output_tokens supported_environments access_groups team_id blocked base_model', USED),
  ...each('input_cost_per_token output_cost_per_token cache_read_input_token_cost cache_creation_input_token_cost output_cost_per_reasoning_token', USED),
  ...each('supports_vision supports_function_calling supports_parallel_function_calling supports_response_schema supports_reasoning', USED),
  // Facts about a model for people; nothing depends on them.
  ...each(
    'tier description key litellm_provider supports_system_messages supports_prompt_caching supports_tool_choice supports_web_search supports_audio_input supports_audio_output db_model created_at updated_at created_by updated_by discoverable',
    USED,
  ),
  ...each('team_public_model_name', 'the deployment is called by its model_name'),
  ...each('custom_tokenizer', 'tokens are counted by the provider'),
  ...each(
    'health_check_model health_check_timeout health_check_max_tokens disable_background_health_check',
    'the health of an endpoint is learnt from its requests',
  ),
  ...each('access_windows', 'a model is open all day'),
  ...each('ptu_count cost_per_ptu_per_hour ptu_effective_from ptu_effective_to MAX_PTU_COUNT MAX_COST_PER_PTU_PER_HOUR', 'prices are per token'),
  ...each(
    'input_cost_per_second output_cost_per_second input_cost_per_character output_cost_per_image input_cost_per_image output_cost_per_pixel input_cost_per_pixel input_cost_per_query output_vector_size',
    'prices are per token',
  ),
});
