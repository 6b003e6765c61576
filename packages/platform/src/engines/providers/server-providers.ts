import { server } from './provider-entry.ts';

const ALL = ['chat', 'completions', 'embeddings'] as const;

/** Servers that a team runs itself, with the port that each listens on when nobody says otherwise. */
export const SERVER_PROVIDERS = Object.freeze({
  infinity: server({ title: 'Infinity', baseUrl: 'http://127.0.0.1:7997', operations: ['embeddings'], passes: ['rerank'] }),
  'llama-cpp': server({ title: 'llama.cpp server', baseUrl: 'http://127.0.0.1:8080/v1', operations: ALL, passes: ['rerank', 'tokenize', 'detokenize'] }),
  'lm-studio': server({ title: 'LM Studio', baseUrl: 'http://127.0.0.1:1234/v1', operations: ALL }),
  localai: server({
    title: 'LocalAI',
    baseUrl: 'http://127.0.0.1:8080/v1',
    operations: ALL,
    passes: ['images', 'speech', 'transcriptions', 'rerank'],
  }),
  nim: server({ title: 'NVIDIA NIM', baseUrl: 'http://127.0.0.1:8000/v1', operations: ALL }),
  ollama: server({ title: 'Ollama', baseUrl: 'http://127.0.0.1:11434/v1', operations: ALL }),
  sglang: server({
    title: 'SGLang',
    baseUrl: 'http://127.0.0.1:30000/v1',
    operations: ALL,
    passes: ['rerank', 'score'],
    continuation: { how: 'continue-final-message' },
  }),
  'tensorrt-llm': server({ title: 'TensorRT-LLM (trtllm-serve)', baseUrl: 'http://127.0.0.1:8000/v1', operations: ['chat', 'completions'] }),
  tgi: server({ title: 'Text Generation Inference', baseUrl: 'http://127.0.0.1:8080/v1', operations: ['chat', 'completions'] }),
  vllm: server({
    title: 'vLLM',
    baseUrl: 'http://127.0.0.1:8000/v1',
    operations: ALL,
    passes: ['transcriptions', 'translations', 'rerank', 'score', 'tokenize', 'detokenize'],
    continuation: { how: 'continue-final-message' },
  }),
  'openai-compatible': server({
    title: 'Any other server with the OpenAI API',
    addressForm: 'http://HOST:PORT/v1',
    operations: ALL,
    passes: ['moderations', 'images', 'image-edits', 'speech', 'transcriptions', 'translations', 'rerank', 'score', 'tokenize', 'detokenize'],
  }),
});
