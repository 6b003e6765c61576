/** Names of the endpoint picker protocol of the Gateway API Inference Extension. */
export const DESTINATION = 'x-gateway-destination-endpoint';
export const SERVED = 'x-gateway-destination-endpoint-served';
export const SUBSET_NAMESPACE = 'envoy.lb.subset_hint';
export const SUBSET = 'x-gateway-destination-endpoint-subset';
export const LB_NAMESPACE = 'envoy.lb';
export const OBJECTIVE = 'x-gateway-inference-objective';
/** Who shares the band of a priority in equal parts. */
export const FAIRNESS = 'x-gateway-inference-fairness-id';
export const DROPPED_REASON = 'x-llm-d-request-dropped-reason';
/** Namespace of the attributes that `response_attributes` of the filter select. */
export const ATTRIBUTES = 'envoy.filters.http.ext_proc';
