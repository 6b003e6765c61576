import { each, type KnownKeys, USED } from './disposition.ts';

/** Keys of `litellm_settings`. */
export const LITELLM_KEYS: KnownKeys = Object.freeze({
  ...each(
    'num_retries fallbacks context_window_fallbacks content_policy_fallbacks default_fallbacks allowed_fails cooldown_time request_timeout max_fallbacks',
    USED,
  ),
  ...each('drop_params cache cache_params turn_off_message_logging model_alias_map', USED),
  ...each('default_team_params default_internal_user_params default_key_generate_params upperbound_key_generate_params', USED),
  // What these ask for holds here in any case.
  ...each('set_verbose json_logs redact_user_api_key_info suppress_debug_info redact_messages_in_exceptions return_response_headers', USED),
  ...each('enable_json_schema_validation', 'add a guardrail of the type json-schema to the Route'),
  ...each('modify_params', 'a request is never changed to please a model'),
  ...each(
    'force_ipv4 http2 ssl_verify ssl_certificate ssl_security_level ssl_ecdh_curve use_aiohttp_transport disable_aiohttp_transport aiohttp_trust_env disable_aiohttp_trust_env',
    'connections follow the settings of Node.js',
  ),
  ...each('network_mock', 'use a Model with the engine "twin" to answer without a provider'),
  // Each callback gets a word of its own.
  ...each('callbacks success_callback failure_callback service_callback service_callbacks input_callback audit_log_callbacks', USED),
  ...each('cold_storage_custom_logger', 'foreign callbacks are not called'),
  ...each('langfuse_default_tags log_raw_request_response store_audit_logs disable_streaming_logging logging', 'traces are kept by the platform itself'),
  ...each('enable_redis_auth_cache', 'keys are kept in memory after their first use'),
  ...each('default_team_settings key_generation_settings', 'set it when the key or team is made'),
  ...each(
    'default_soft_budget max_user_budget max_internal_user_budget internal_user_budget_duration max_end_user_budget max_end_user_budget_id max_ui_session_budget tag_budget_config',
    'set the budget of each user, customer or tag',
  ),
  ...each('cost_discount_config cost_margin_config', 'write the price that you pay in the model_info of the model'),
  ...each('mcp_aliases public_mcp_servers', 'tools belong to agents'),
  ...each('model_group_settings', 'the headers of clients are not passed on, but for trace context'),
  ...each('priority_reservation', 'set requests and tokens per minute of each key'),
  ...each('custom_provider_map', 'Python providers can not run here; use an OpenAI-compatible server'),
  ...each(
    'prometheus_initialize_budget_metrics prometheus_metrics_config custom_prometheus_metadata_labels custom_prometheus_tags require_auth_for_metrics_endpoint',
    'the metrics have the labels of docs/migrate-from-litellm.md',
  ),
  ...each('max_budget budget_duration', 'set the budget of each organisation, team or key'),
  ...each('pre_call_rules post_call_rules', 'Python rules can not run here; use a guardrail'),
  ...each('guardrails', 'write the guardrails in the block "guardrails"'),
  ...each(
    's3_callback_params datadog_params datadog_llm_observability_params aws_sqs_callback_params generic_logger_headers',
    'foreign callbacks are not called',
  ),
  ...each('blocked_user_list banned_keywords_list presidio_ad_hoc_recognizers llamaguard_model_name output_parse_pii', 'use the block "guardrails"'),
  ...each('api_base api_key openai_key azure_key anthropic_key groq_key vertex_project vertex_location', 'set it in the litellm_params of each model'),
  ...each('block_requests_for_models_without_pricing', 'a charge without a known price is null, and counted as unpriced'),
  ...each('enable_preview_features include_cost_in_streaming_usage', 'there is no such switch here'),
  ...each('tracing forward_traceparent_to_llm_provider', USED),
});
