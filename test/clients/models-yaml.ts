/** Models whose upstream speaks one format each, and the engine twin; a client of any format can ask each of them. */
export const modelsYaml = (url: string): string => `
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: { name: chat }
spec:
  provider: { name: openai-compatible, model: chat-upstream, baseUrl: ${url}/v1, apiKey: { env: UPSTREAM_KEY } }
  capabilities: [chat, completions, embeddings, tools, vision, json, moderations, images, speech, transcriptions, rerank]
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: { name: replies }
spec:
  provider: { name: openai, model: gpt-upstream, baseUrl: ${url}/v1, apiKey: { env: UPSTREAM_KEY } }
  capabilities: [chat, tools, vision, json]
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: { name: claude }
spec:
  provider: { name: anthropic, model: claude-upstream, baseUrl: ${url}/v1, apiKey: { env: UPSTREAM_KEY } }
  capabilities: [chat, tools, vision, json]
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: { name: gem }
spec:
  provider: { name: gemini, model: gemini-upstream, baseUrl: ${url}/v1beta, apiKey: { env: UPSTREAM_KEY } }
  capabilities: [chat, tools, vision, json]
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: { name: nowhere }
spec:
  provider: { name: openai-compatible, model: x, baseUrl: http://127.0.0.1:1/v1, apiKey: { env: UPSTREAM_KEY } }
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: { name: sim-8b }
spec:
  serving: { engine: twin, twin: { speed: 20 } }
`;
