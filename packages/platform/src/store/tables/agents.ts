/** Tables of the room `agents`; columns that hold objects are JSON text. */
export interface AgentsTables {
  agent_run: {
    id: string;
    agent: string;
    tenant: string;
    key_id: string;
    session: string | null;
    state: string;
    created_ms: number;
    started_ms: number | null;
    ended_ms: number | null;
    trace_id: string;
    span_id: string;
    parent_span_id: string | null;
    parent_run_id: string | null;
    /** How many agents stand above this one. */
    depth: number;
    /** The Agent resource as it was when the run started: a run ends with the instructions that it began with. */
    resource: string;
    input: string;
    /** The conversation that the run starts from, memory included. */
    messages: string;
    output: string | null;
    error_code: string | null;
    error_message: string | null;
    usage: string | null;
    cancel_requested: number;
    /** Time spent working, without waiting for a person or for a process to come back. */
    active_ms: number;
    lease_holder: string | null;
    /** Rises with every new holder; a late writer is refused by it. */
    lease_fence: number;
    lease_until_ms: number;
  };
  agent_step: {
    run_id: string;
    step_index: number;
    name: string;
    kind: string;
    state: string;
    span_id: string;
    attempt: number;
    started_ms: number;
    ended_ms: number | null;
    input: string | null;
    output: string | null;
    error_code: string | null;
    error_message: string | null;
  };
  agent_tool_call: {
    run_id: string;
    call_id: string;
    step_index: number;
    tool: string;
    arguments: string;
    /** `awaiting` a person, `approved`, `denied`, `started` or `completed`. */
    state: string;
    /** Why a person is asked: `approval`, or `uncertain` when a crash hid whether the call took effect. */
    question: string | null;
    result: string | null;
    started_ms: number | null;
    ended_ms: number | null;
  };
  agent_checkpoint: {
    thread_id: string;
    checkpoint_ns: string;
    checkpoint_id: string;
    parent_id: string | null;
    checkpoint: string;
    metadata: string;
  };
  agent_checkpoint_write: {
    thread_id: string;
    checkpoint_ns: string;
    checkpoint_id: string;
    task_id: string;
    idx: number;
    task_path: string;
    channel: string;
    value: string;
  };
}
