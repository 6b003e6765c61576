import { each, type KnownKeys, USED } from './disposition.ts';

const DATABASE = 'the database is set by MARU_DATABASE_URL';

/** Keys of `general_settings`. */
export const GENERAL_KEYS: KnownKeys = Object.freeze({
  ...each('master_key max_request_size_mb store_prompts_in_spend_logs pass_through_endpoints', USED),
  // What these ask for holds here in any case.
  ...each('store_model_in_db allow_requests_on_db_unavailable always_include_stream_usage cancel_on_disconnect proxy_config_reload_interval_seconds', USED),
  ...each('disable_master_key_return hide_default_credentials_hint user_api_key_cache_ttl user_api_key_cache_max_size proxy_batch_write_at', USED),
  ...each(
    'database_url',
    'it names the database of LiteLLM, which stays as it is; copy its keys with "maru import litellm --database-url", and set MARU_DATABASE_URL for PostgreSQL',
  ),
  ...each(
    'database_connection_pool_limit database_connection_timeout database_connect_timeout database_connection_pool_timeout database_socket_timeout database_max_idle_connection_lifetime',
    DATABASE,
  ),
  ...each('database_extra_connection_params database_disable_prepared_statements database_type database_args disable_prisma_schema_update', DATABASE),
  ...each('enable_jwt_auth litellm_jwtauth', 'tokens of an identity provider are not accepted as keys yet; make a key for each caller'),
  ...each('custom_auth custom_key_generate custom_key_update custom_sso custom_auth_run_common_checks', 'Python hooks can not run here'),
  ...each('enforce_user_param user_header_name user_header_mappings', 'the user of a request is its field "user"'),
  ...each(
    'allowed_routes public_routes admin_only_routes role_permissions enforce_rbac',
    'admin routes take the master key and admin keys, the data plane takes every key',
  ),
  ...each('allowed_ips use_x_forwarded_for trusted_proxy_ranges', 'limit the addresses in front of the platform'),
  ...each('litellm_key_header_name', 'a key comes as "authorization: Bearer", as "x-api-key" or as "api-key"'),
  ...each('key_management_system key_management_settings use_google_kms use_azure_key_vault', 'secrets come from the environment or from a Kubernetes Secret'),
  ...each('disable_spend_logs disable_spend_updates disable_error_logs spend_logs_metadata_fields', 'every answer is charged and logged'),
  ...each('use_redis_transaction_buffer coordination_redis', 'charges are written to a spool first, and never lost'),
  ...each(
    'maximum_spend_logs_retention_period maximum_spend_logs_retention_interval maximum_spend_logs_cleanup_cron use_spend_logs_partitioning',
    'charges are kept; traces are kept for 30 days',
  ),
  ...each(
    'alerting alerting_threshold alert_types alert_to_webhook_url alerting_args alert_type_config spend_report_frequency',
    'alerts are rules on /metrics',
  ),
  ...each(
    'background_health_checks health_check_interval health_check_concurrency health_check_details use_shared_health_check background_health_check_model_groups',
    'the health of an endpoint is learnt from its requests',
  ),
  ...each(
    'enable_health_check_routing health_check_staleness_threshold health_check_ignore_transient_errors',
    'the health of an endpoint is learnt from its requests',
  ),
  ...each('max_parallel_requests global_max_parallel_requests', 'set requests at once for each key, team or model'),
  ...each('max_response_size_mb', 'answers are passed on as they come, and take no memory'),
  ...each('max_file_size_mb max_batch_file_size_mb allowed_file_extensions blocked_file_extensions', 'files are passed to the provider'),
  ...each('token_rate_limit_type', 'tokens per minute count prompt and answer'),
  ...each(
    'forward_client_headers_to_llm_api forward_openai_org_id forward_llm_provider_auth_headers',
    'the headers of clients are not passed on, but for trace context',
  ),
  ...each('allow_client_side_credentials', 'a client can not bring credentials or addresses of its own'),
  ...each('completion_model', 'a request names its model'),
  ...each('infer_model_from_keys', 'models are named in model_list'),
  ...each('otel', 'traces are kept by the platform itself'),
  ...each(
    'proxy_budget_rescheduler_min_time proxy_budget_rescheduler_max_time disable_reset_budget',
    'a budget begins again with its window, to the millisecond',
  ),
  ...each('enable_mcp_registry mcp_internal_ip_ranges mcp_required_fields user_mcp_management_mode', 'tools belong to agents'),
  ...each('ui_access_mode supported_db_objects litellm_license service_account_settings search_tools', 'there is no such switch here'),
  ...each('enforced_params reject_clientside_metadata_tags apply_user_budget_to_team_keys disable_custom_api_keys', 'there is no such switch here'),
});
