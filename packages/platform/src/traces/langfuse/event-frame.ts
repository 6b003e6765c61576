/** What surrounds the body of a Langfuse event. */
export interface EventFrame {
  readonly tenant: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly atMs: number;
}
