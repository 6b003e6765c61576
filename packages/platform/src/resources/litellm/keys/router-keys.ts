import { each, type KnownKeys, USED } from './disposition.ts';

const REDIS = 'limits and cooldowns are shared through the database; the cache uses Redis where cache_params says so';

/** Keys of `router_settings`. */
export const ROUTER_KEYS: KnownKeys = Object.freeze({
  ...each('routing_strategy model_group_alias routing_groups num_retries retry_after timeout stream_timeout retry_policy model_group_retry_policy', USED),
  ...each('max_fallbacks fallbacks context_window_fallbacks content_policy_fallbacks default_fallbacks', USED),
  ...each('allowed_fails allowed_fails_policy cooldown_time disable_cooldowns', USED),
  ...each('enable_pre_call_checks optional_pre_call_checks deployment_affinity_ttl_seconds', USED),
  ...each('enable_tag_filtering tag_filtering_match_any  default_max_parallel_requests default_litellm_params', USED),
  // What these ask for holds here in any case.
  ...each('set_verbose debug_level ignore_invalid_deployments async_only_mode client_ttl polling_interval', USED),
  ...each('redis_host redis_port redis_password redis_db redis_url redis_username', REDIS),
  ...each('routing_strategy_args', 'the latency strategy weighs by its own moving average'),
  ...each('model_group_affinity_config', 'affinity is set for all models by optional_pre_call_checks, or in the Route'),
  ...each('caching_groups', 'each model has a cache of its own'),
  ...each('cache_responses cache_kwargs', 'set "cache" and "cache_params" in litellm_settings'),
  ...each('search_tools', 'tools belong to agents'),
  ...each('guardrail_list', 'write the guardrails in the block "guardrails"'),
  ...each(
    'enable_health_check_routing health_check_staleness_threshold health_check_ignore_transient_errors background_health_check_model_groups',
    'the health of an endpoint is learnt from its requests',
  ),
  ...each('provider_budget_config', 'set max_budget and budget_duration of each deployment'),
  ...each('default_priority', 'requests are admitted in the order in which they come'),
  ...each('alerting_config', 'alerts are rules on /metrics'),
  ...each('assistants_config', 'the assistants API is not served; use an Agent'),
  ...each('router_general_settings', 'add the model name "*" to pass all models through'),
  ...each('plugins', 'Python plug-ins can not run here'),
  ...each('tag_routing_prefix', 'tags are compared as they are'),
  ...each('enable_weighted_failover', 'after a failure the other backends are tried in order of their level'),
  ...each('fallback_access_check fallback_budget_check auto_router_capability_limit weights', 'there is no such switch here'),
});
