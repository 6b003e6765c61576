import type { CanonicalMessage } from '../canonical/message.ts';
import type { AssistantPart, SystemPart, ToolResultPart, UserPart } from '../canonical/part.ts';
import type { CanonicalRequest, OutputFormat, ReasoningSettings } from '../canonical/request.ts';
import { Fields, invalidField } from '../fields.ts';
import type { DecodedRequest, RequestPath } from '../format.ts';
import { asNumber, asObject, asString, compact, isObject, type JsonObject } from '../json-value.ts';
import { decodeBlocks, decodeToolResult, decodeUserBlock, readAssistantBlock } from './bedrock-blocks.ts';
import { decodeBedrockToolChoice, decodeBedrockTools } from './bedrock-tools.ts';

/** Body of Converse and ConverseStream; the model and whether it streams stand in the path. */
export function decodeBedrockRequest(value: unknown, path: RequestPath = {}): DecodedRequest {
  const body = new Fields(value, '');
  if (path.model === undefined) throw invalidField('modelId', 'is missing; it stands in the path: /model/MODEL/converse');
  const config = new Fields(body.value('inferenceConfig') ?? {}, 'inferenceConfig');
  const toolConfig = body.object('toolConfig');
  const { settings, rest: additional } = readAdditional(body.object('additionalModelRequestFields'));
  const metadata = body.object('requestMetadata');
  const request: CanonicalRequest = {
    model: path.model,
    stream: path.stream ?? false,
    messages: decodeMessages(body),
    ...compact({
      tools: toolConfig === undefined ? undefined : decodeBedrockTools(toolConfig),
      toolChoice: decodeBedrockToolChoice(toolConfig),
      output: decodeOutput(body.object('outputConfig')),
      stop: config.strings('stopSequences'),
      temperature: config.number('temperature'),
      topP: config.number('topP'),
      maxTokens: config.integer('maxTokens', 1),
      metadata: metadata === undefined ? undefined : Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, String(text)])),
      serviceTier: asString(asObject(body.object('serviceTier'))['type']),
      ...settings,
    }),
  };
  const fields = compact({ ...body.rest(), additionalModelRequestFields: additional });
  return { request: Object.keys(fields).length === 0 ? request : { ...request, extra: { format: 'bedrock-converse', fields } }, warnings: [] };
}

function decodeMessages(body: Fields): readonly CanonicalMessage[] {
  const system = body.value('system');
  const messages = body.list('messages');
  if (messages === undefined) throw invalidField('messages', 'is missing; it must be a list of messages');
  const instructions =
    system === undefined
      ? []
      : decodeBlocks<SystemPart>(system, 'system', (block, raw) => {
          const text = block.string('text');
          return [text === undefined ? { type: 'foreign', format: 'bedrock-converse', value: raw } : { type: 'text', text }];
        });
  const turns = messages.flatMap((message, index) => decodeTurn(new Fields(message, `messages[${index}]`)));
  return instructions.length === 0 ? turns : [{ role: 'system', content: instructions }, ...turns];
}

function decodeTurn(turn: Fields): readonly CanonicalMessage[] {
  const content = turn.value('content');
  const path = turn.at('content');
  if (turn.oneOf('role', ['user', 'assistant']) === 'assistant') {
    return [{ role: 'assistant', content: decodeBlocks<AssistantPart>(content, path, (_block, raw) => [readAssistantBlock(raw)]) }];
  }
  const blocks = decodeBlocks<UserPart | ToolResultPart>(content, path, (block, raw) => {
    const result = block.value('toolResult');
    return [result === undefined ? decodeUserBlock(block, raw) : decodeToolResult(new Fields(result, block.at('toolResult')))];
  });
  const results = blocks.filter((block): block is ToolResultPart => block.type === 'tool-result');
  const rest = blocks.filter((block): block is UserPart => block.type !== 'tool-result');
  return [
    ...(results.length === 0 ? [] : [{ role: 'tool' as const, content: results }]),
    ...(rest.length === 0 && results.length > 0 ? [] : [{ role: 'user' as const, content: rest }]),
  ];
}

interface Additional {
  readonly settings: { readonly topK?: number; readonly reasoning?: ReasoningSettings };
  readonly rest: JsonObject | undefined;
}

/** The settings of Claude and others that Bedrock does not know itself. */
function readAdditional(fields: JsonObject | undefined): Additional {
  if (fields === undefined) return { settings: {}, rest: undefined };
  const { top_k: topK, thinking, ...others } = fields;
  const reasoning = isObject(thinking) ? toReasoning(thinking) : undefined;
  const kept = { ...others, ...(thinking !== undefined && reasoning === undefined ? { thinking } : {}) };
  const known = asNumber(topK);
  return {
    settings: { ...(known === undefined ? {} : { topK: known }), ...(reasoning === undefined ? {} : { reasoning }) },
    rest: Object.keys(kept).length === 0 ? undefined : kept,
  };
}

function toReasoning(thinking: JsonObject): ReasoningSettings | undefined {
  const budget = asNumber(thinking['budget_tokens']);
  if (thinking['type'] === 'disabled') return { mode: 'off' };
  if (thinking['type'] === 'adaptive') return { mode: 'adaptive' };
  return thinking['type'] === 'enabled' ? { mode: 'on', ...(budget === undefined ? {} : { budgetTokens: budget }) } : undefined;
}

function decodeOutput(output: JsonObject | undefined): OutputFormat | undefined {
  const format = asObject(output?.['textFormat']);
  if (format['type'] !== 'json_schema') return undefined;
  const described = asObject(asObject(format['structure'])['jsonSchema']);
  const path = 'outputConfig.textFormat.structure.jsonSchema.schema';
  const description = asString(described['description']);
  return {
    type: 'json-schema',
    name: asString(described['name']) ?? 'answer',
    schema: readSchema(described['schema'], path),
    ...(description === undefined ? {} : { description }),
  };
}

function readSchema(text: unknown, path: string): JsonObject {
  try {
    const schema: unknown = typeof text === 'string' ? JSON.parse(text) : text;
    if (isObject(schema)) return schema;
  } catch {
    // Refused below with its place.
  }
  throw invalidField(path, 'must be a JSON schema as a text');
}
