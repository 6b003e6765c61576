/** What an Envoy in front of a picker is to do. */
export interface EnvoyOptions {
  readonly listenPort: number;
  readonly adminPort: number;
  readonly pickerPort: number;
  /** `ip:port` of each replica that the cluster knows. */
  readonly endpoints: readonly string[];
  /** What happens without a picker: FailOpen lets Envoy balance by itself, FailClose refuses. */
  readonly failureMode: 'FailOpen' | 'FailClose';
  /** How the picker's choice is followed: with the list of fallbacks, or with the first address alone. */
  readonly cluster: 'override-host' | 'original-dst';
  /** Talks TLS to the picker and accepts any certificate. */
  readonly tls: boolean;
}

const DESTINATION = 'x-gateway-destination-endpoint';

/** A bootstrap file of Envoy as JSON: one listener, the endpoint picker as an ext_proc filter, and the replicas. */
export function envoyConfig(options: EnvoyOptions): string {
  return JSON.stringify(
    {
      admin: { address: address(`127.0.0.1:${options.adminPort}`) },
      static_resources: { listeners: [listener(options)], clusters: [replicas(options), picker(options)] },
    },
    null,
    2,
  );
}

const address = (place: string) => {
  const colon = place.lastIndexOf(':');
  return { socket_address: { address: place.slice(0, colon), port_value: Number(place.slice(colon + 1)) } };
};

const lbMetadata = (name: string) => ({ key: 'envoy.lb', path: [{ key: name }] });

const listener = ({ listenPort, failureMode }: EnvoyOptions) => ({
  name: 'inference',
  address: address(`127.0.0.1:${listenPort}`),
  per_connection_buffer_limit_bytes: 4 * 1024 * 1024,
  filter_chains: [
    {
      filters: [
        {
          name: 'envoy.filters.network.http_connection_manager',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
            stat_prefix: 'inference',
            // What was chosen and who has really served, as Envoy itself knows it.
            route_config: {
              response_headers_to_add: [
                { header: { key: 'x-test-chosen', value: '%DYNAMIC_METADATA(envoy.lb:x-gateway-destination-endpoint)%' } },
                { header: { key: 'x-test-served', value: '%UPSTREAM_HOST%' } },
              ],
              virtual_hosts: [
                {
                  name: 'all',
                  domains: ['*'],
                  routes: [
                    {
                      match: { prefix: '/' },
                      route: { cluster: 'replicas', timeout: '60s', retry_policy: { retry_on: 'connect-failure,reset-before-request', num_retries: 2 } },
                    },
                  ],
                },
              ],
            },
            http_filters: [
              {
                // What a gateway with subsets would do: a header of the test becomes the hint.
                name: 'envoy.filters.http.header_to_metadata',
                typed_config: {
                  '@type': 'type.googleapis.com/envoy.extensions.filters.http.header_to_metadata.v3.Config',
                  request_rules: [
                    {
                      header: 'x-test-subset',
                      on_header_present: { metadata_namespace: 'envoy.lb.subset_hint', key: 'x-gateway-destination-endpoint-subset', type: 'STRING' },
                      remove: true,
                    },
                  ],
                },
              },
              {
                name: 'envoy.filters.http.ext_proc',
                typed_config: {
                  '@type': 'type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor',
                  grpc_service: { envoy_grpc: { cluster_name: 'picker' }, timeout: '10s' },
                  message_timeout: '10s',
                  failure_mode_allow: failureMode === 'FailOpen',
                  status_on_error: { code: 'ServiceUnavailable' },
                  processing_mode: {
                    request_header_mode: 'SEND',
                    request_body_mode: 'FULL_DUPLEX_STREAMED',
                    request_trailer_mode: 'SEND',
                    response_header_mode: 'SEND',
                    response_body_mode: 'FULL_DUPLEX_STREAMED',
                    response_trailer_mode: 'SEND',
                  },
                  response_attributes: ['upstream.address'],
                  metadata_options: {
                    forwarding_namespaces: { untyped: ['envoy.lb', 'envoy.lb.subset_hint'] },
                    receiving_namespaces: { untyped: ['envoy.lb'] },
                  },
                },
              },
              { name: 'envoy.filters.http.router', typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' } },
            ],
          },
        },
      ],
    },
  ],
});

const replicas = (options: EnvoyOptions) =>
  options.cluster === 'original-dst'
    ? {
        name: 'replicas',
        type: 'ORIGINAL_DST',
        lb_policy: 'CLUSTER_PROVIDED',
        connect_timeout: '2s',
        original_dst_lb_config: { use_http_header: true, http_header_name: DESTINATION },
      }
    : {
        name: 'replicas',
        type: 'STATIC',
        connect_timeout: '2s',
        // Shorter than the 5 s after which Node and uvicorn close an idle connection: a request that meets the closing one gets 503.
        typed_extension_protocol_options: {
          'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
            '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
            common_http_protocol_options: { idle_timeout: '2s' },
            explicit_http_config: { http_protocol_options: {} },
          },
        },
        load_assignment: {
          cluster_name: 'replicas',
          endpoints: [{ lb_endpoints: options.endpoints.map((place) => ({ endpoint: { address: address(place) } })) }],
        },
        load_balancing_policy: {
          policies: [
            {
              typed_extension_config: {
                name: 'envoy.load_balancing_policies.override_host',
                typed_config: {
                  '@type': 'type.googleapis.com/envoy.extensions.load_balancing_policies.override_host.v3.OverrideHost',
                  override_host_sources: [{ metadata: lbMetadata(DESTINATION) }],
                  selected_host_key: lbMetadata(`${DESTINATION}-served`),
                  fallback_policy: {
                    policies: [
                      {
                        typed_extension_config: {
                          name: 'envoy.load_balancing_policies.round_robin',
                          typed_config: { '@type': 'type.googleapis.com/envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin' },
                        },
                      },
                    ],
                  },
                },
              },
            },
          ],
        },
      };

const picker = ({ pickerPort, tls }: EnvoyOptions) => ({
  name: 'picker',
  type: 'STATIC',
  connect_timeout: '2s',
  // A body that was handed to a dead picker can not be taken back, so Envoy fails open only where it knows before: by these checks.
  health_checks: [
    {
      // A busy machine is slow and not dead; a refused connection is told at once.
      timeout: '10s',
      interval: '0.25s',
      no_traffic_interval: '0.25s',
      unhealthy_threshold: 2,
      healthy_threshold: 1,
      grpc_health_check: { service_name: 'envoy.service.ext_proc.v3.ExternalProcessor' },
    },
  ],
  common_lb_config: { healthy_panic_threshold: { value: 0 } },
  load_assignment: { cluster_name: 'picker', endpoints: [{ lb_endpoints: [{ endpoint: { address: address(`127.0.0.1:${pickerPort}`) } }] }] },
  typed_extension_protocol_options: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
      '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
  ...(tls
    ? {
        transport_socket: {
          name: 'envoy.transport_sockets.tls',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
            common_tls_context: { alpn_protocols: ['h2'], validation_context: { trust_chain_verification: 'ACCEPT_UNTRUSTED' } },
          },
        },
      }
    : {}),
});
