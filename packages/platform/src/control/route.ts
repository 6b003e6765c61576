import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { ControlPrincipal } from './ports.ts';

/** One call of the control API, checked. */
export interface ControlCall<Query, Body> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** The body as it came, for foreign protocols. */
  readonly raw: Buffer;
  readonly principal: ControlPrincipal;
  /** Aborted when the client goes. */
  readonly signal: AbortSignal;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What a route answers with when JSON with its own status is not enough. */
export type ControlReply =
  | { readonly json: unknown; readonly status?: number }
  | { readonly events: AsyncIterable<unknown> }
  /** Text that is sent as it is made; what is thrown before the first of it is answered as an error. */
  | { readonly contentType: string; readonly parts: AsyncIterable<string> }
  | { readonly status: number; readonly contentType: string; readonly bytes: string | Uint8Array }
  | { readonly empty: true };

export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With parameters as `:name`; a verb may follow a colon at the end: `/runs/:id:cancel`. */
  readonly path: string;
  readonly summary: string;
  /** `admin`: only the administrator; `key`: any valid key; `public`: everybody. */
  readonly access: 'admin' | 'key' | 'public';
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly reply?: z.ZodType;
  /** The body is not JSON: it is handed over as bytes. */
  readonly foreign?: true;
  handle(call: ControlCall<unknown, unknown>): Promise<ControlReply> | ControlReply;
}

export interface RouteOptions<Query extends z.ZodType | undefined, Body extends z.ZodType | undefined> {
  readonly method: ControlRoute['method'];
  readonly path: string;
  readonly summary: string;
  readonly access?: ControlRoute['access'];
  readonly query?: Query;
  readonly body?: Body;
  readonly reply?: z.ZodType;
  readonly foreign?: true;
  handle(
    call: ControlCall<Query extends z.ZodType ? z.output<Query> : undefined, Body extends z.ZodType ? z.output<Body> : undefined>,
  ): Promise<ControlReply> | ControlReply;
}

/** Declares a route; the schemas check what comes in and document the rest. */
export function route<Query extends z.ZodType | undefined = undefined, Body extends z.ZodType | undefined = undefined>(
  options: RouteOptions<Query, Body>,
): ControlRoute {
  // The dispatcher parses query and body with these very schemas before it calls the handler.
  const handle = options.handle as ControlRoute['handle'];
  return {
    method: options.method,
    path: options.path,
    summary: options.summary,
    access: options.access ?? 'admin',
    ...(options.query === undefined ? {} : { query: options.query }),
    ...(options.body === undefined ? {} : { body: options.body }),
    ...(options.reply === undefined ? {} : { reply: options.reply }),
    ...(options.foreign === undefined ? {} : { foreign: options.foreign }),
    handle,
  };
}
