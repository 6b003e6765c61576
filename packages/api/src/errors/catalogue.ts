/** One row of the error catalogue: what the code means to a client and what a person should do. */
export interface ErrorEntry {
  /** HTTP status that a surface answers with. */
  readonly status: number;
  /** Whether the same request may succeed when it is sent again unchanged. */
  readonly retryable: boolean;
  /** What happened, in one sentence. */
  readonly meaning: string;
  /** What the reader should do next, in one sentence. */
  readonly action: string;
}

const entry = (...[status, retryable, meaning, action]: [number, boolean, string, string]): ErrorEntry => Object.freeze({ status, retryable, meaning, action });

/** Every error code of Maru. The page `docs/errors.md` is generated from this table. */
export const ERROR_CATALOGUE = Object.freeze({
  // Requests
  invalid_request: entry(400, false, 'The request has a field that is missing, unknown or of the wrong type.', 'Correct the field that the message names.'),
  invalid_json: entry(400, false, 'The request body is not valid JSON.', 'Send valid JSON; the message says where parsing stopped.'),
  body_too_large: entry(413, false, 'The request body is larger than the limit.', 'Send a smaller body or raise the limit of the server.'),
  unsupported_media_type: entry(415, false, 'The content type or encoding of the request is not supported.', 'Send one of the types that the message names.'),
  not_found: entry(404, false, 'The path or object does not exist.', 'Check the name; the message lists near matches where there are any.'),
  method_not_allowed: entry(405, false, 'The path exists, but not with this HTTP method.', 'Use one of the methods in the allow header.'),
  conflict: entry(409, false, 'The object was changed by someone else, or exists already.', 'Read it again and repeat the change.'),
  deferred: entry(409, false, 'The request waits for the batch API of its provider.', 'Read its answer in the output file of the batch.'),
  not_supported: entry(400, false, 'The feature is not supported by this model, engine or platform.', 'Use another model or leave the feature out.'),
  // Identity and limits
  unauthenticated: entry(401, false, 'No valid key was sent.', 'Send a key as "authorization: Bearer sk-...".'),
  key_revoked: entry(401, false, 'The key was revoked or has expired.', 'Ask for a new key.'),
  key_blocked: entry(403, false, 'The key or an account above it is blocked.', 'Ask who gave you the key.'),
  forbidden: entry(403, false, 'The key is valid but does not allow this.', 'Use a key with the right to do it.'),
  issuer_unreachable: entry(
    503,
    true,
    'The public keys of the issuer of the token could not be fetched.',
    'Send the request again; check the address of the keys in the TokenIssuer.',
  ),
  model_not_found: entry(404, false, 'No model, route or agent has this name.', 'List the names with GET /v1/models.'),
  model_not_allowed: entry(403, false, 'The key does not allow this model.', 'Use an allowed model, or have the model added to the key.'),
  rate_limited: entry(429, true, 'The request or token rate of the key is used up.', 'Wait for the seconds in the retry-after header.'),
  quota_exceeded: entry(
    402,
    false,
    'A budget of the key, of a tenant above it, of the end user or of a tag is spent.',
    'Raise the budget, or wait for the date in the message.',
  ),
  over_share: entry(
    429,
    true,
    'The model is saturated and the tenant has more than its share of the requests that wait for it.',
    'Send fewer requests at once, or send it again after the seconds in the retry-after header.',
  ),
  overloaded: entry(503, true, 'The platform sheds load.', 'Send the request again after the retry-after header.'),
  // Upstream engines and providers
  upstream_unreachable: entry(
    502,
    true,
    'The engine refused the connection or its name did not resolve.',
    'Check the address of the model and that the engine runs.',
  ),
  upstream_timeout: entry(504, true, 'The engine did not answer in time.', 'Raise the timeout of the route or add replicas.'),
  upstream_cut: entry(502, true, 'The engine closed the answer before its end.', 'Send the request again; look at the log of the engine.'),
  upstream_garbage: entry(502, true, 'The engine answered with something that is not of its protocol.', 'Check that the address belongs to a model server.'),
  upstream_rejected: entry(502, false, 'The engine refused the request.', 'Read the message of the engine in the details.'),
  upstream_credentials: entry(502, false, 'The provider refused the credentials of the platform.', 'Set a valid key for the provider.'),
  context_length_exceeded: entry(
    400,
    false,
    'The prompt and the answer do not fit into the context of the model.',
    'Shorten the prompt or use a model with a larger context.',
  ),
  content_filtered: entry(400, false, 'A content filter refused the prompt.', 'Change the prompt, or add a fallback for content policy to the route.'),
  no_endpoint: entry(503, true, 'No replica of the model is ready.', 'Wait for a replica, or look at the model with "maru describe".'),
  content_blocked: entry(400, false, 'A guardrail of the route does not allow the prompt or the answer.', 'Change the prompt; the details name the guardrail.'),
  guardrail_failed: entry(
    503,
    true,
    'A guardrail could not decide in time, and its route refuses what was not checked.',
    'Send the request again; look at the service behind the guardrail.',
  ),
  cancelled: entry(499, false, 'The client went away before the answer was complete.', 'Nothing; the tokens that were made are charged once.'),
  address_blocked: entry(
    403,
    false,
    'The address leads into a network that outbound calls may not reach.',
    'Use a public address, or allow the host in the configuration.',
  ),
  // Resources and files
  yaml_syntax: entry(400, false, 'The file is not valid YAML.', 'Correct the place that the message names.'),
  resource_invalid: entry(400, false, 'A resource does not match its schema.', 'Correct the field that the message names.'),
  resource_duplicate: entry(409, false, 'Two resources have the same kind and name.', 'Rename or remove one of the two.'),
  reference_missing: entry(400, false, 'A resource refers to another one that does not exist.', 'Add the missing resource or correct the name.'),
  reference_cycle: entry(400, false, 'Fallbacks or steps refer to each other in a circle.', 'Break the circle at one of the names in the message.'),
  // Platform
  config_invalid: entry(400, false, 'A flag or environment variable has a wrong value.', 'Correct the setting that the message names.'),
  port_in_use: entry(500, false, 'Another program listens on the port.', 'Stop it, or choose another port with --port.'),
  data_dir_unusable: entry(500, false, 'The data folder can not be created or written.', 'Choose another one with --data-dir, or correct its rights.'),
  data_dir_locked: entry(500, false, 'Another Maru uses the data folder.', 'Stop the process that the message names, or use another --data-dir.'),
  storage_full: entry(507, true, 'There is no space left to write.', 'Free space on the disk of the data folder.'),
  storage_failed: entry(500, true, 'The database refused a statement.', 'Look at the log; check the database.'),
  data_corrupt: entry(500, false, 'Stored data does not have the form that it was written in.', 'Restore the file from a backup; the message names it.'),
  migration_failed: entry(500, false, 'The database could not be brought to the schema of this version.', 'Read the cause; the database was left as it was.'),
  lease_lost: entry(503, true, 'Another process took over the work.', 'Nothing; the other process goes on.'),
  internal: entry(500, false, 'Something went wrong inside the platform.', 'Report it with the request id.'),
  shutting_down: entry(503, true, 'The platform is about to stop.', 'Send the request again in a moment.'),
  // Knowledge
  document_unreadable: entry(422, false, 'A document is broken, encrypted or of an unknown kind.', 'Repair or remove the document; the others are ingested.'),
  document_too_large: entry(422, false, 'A document is larger than allowed, or unpacks to more than allowed.', 'Split the document or raise the limit.'),
  // Agents, evaluations, pipelines
  tool_failed: entry(502, true, 'A tool of the agent failed.', 'Read the cause; correct the arguments or the tool.'),
  tool_not_found: entry(400, false, 'The agent has no tool of this name.', 'Add the tool to the agent.'),
  sandbox_limit: entry(422, false, 'Code used more time or memory than allowed.', 'Make the code smaller.'),
  agent_loop: entry(422, false, 'The agent used all its steps without an answer.', 'Raise maxSteps, or make the instructions clearer.'),
  run_failed: entry(500, false, 'The run ended with an error.', 'Read the last step of the run.'),
  run_timeout: entry(504, false, 'The run took longer than it may.', 'Raise the timeout of the resource, or make the task smaller.'),
  gate_failed: entry(422, false, 'A score is below its threshold.', 'Look at the rows that failed.'),
  // Planning
  model_unknown: entry(404, false, 'The architecture of the model is not in the catalogue.', 'Give its figures in spec.architecture, or use a known name.'),
  no_fit: entry(422, false, 'No instance kind of the catalogue can hold or serve this.', 'Relax the demand, shard the model, or add an instance kind.'),
  // Kubernetes
  cluster_unreachable: entry(502, true, 'The Kubernetes API server did not answer.', 'Check the kubeconfig and the network.'),
  cluster_rejected: entry(502, false, 'The Kubernetes API server refused an object.', 'Read its message; it names the field.'),
  // Command line
  usage: entry(400, false, 'The command line is wrong.', 'Run the command with --help.'),
} satisfies Record<string, ErrorEntry>);

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

export const ERROR_CODES = Object.freeze(Object.keys(ERROR_CATALOGUE)) as readonly ErrorCode[];
