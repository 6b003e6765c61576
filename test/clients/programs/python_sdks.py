import io, json
from anthropic import Anthropic
from google import genai
from google.genai import types
from openai import OpenAI
from check import KEY, QUESTION, SCHEMA, TEXT, URL, cell, equal, pieces, version_of

openai = OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)
MESSAGES = [{"role": "user", "content": QUESTION}]
TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "Weather", "parameters": SCHEMA}}]


def chat(model):
    row = {"client": "openai (PyPI)", "version": version_of("openai"), "api": "chat", "model": model}

    def plain():
        answer = openai.chat.completions.create(model=model, messages=MESSAGES)
        equal((answer.choices[0].message.content, answer.usage.total_tokens), (TEXT, 17))

    def stream():
        pieces([chunk.choices[0].delta.content or "" for chunk in openai.chat.completions.create(model=model, messages=MESSAGES, stream=True) if chunk.choices])

    def tools():
        first = openai.chat.completions.create(model=model, messages=MESSAGES, tools=TOOLS).choices[0].message
        equal(json.loads(first.tool_calls[0].function.arguments), {"city": "Seoul"})
        turns = [*MESSAGES, first, {"role": "tool", "tool_call_id": first.tool_calls[0].id, "content": "sunny"}]
        equal(openai.chat.completions.create(model=model, messages=turns, tools=TOOLS).choices[0].message.content, TEXT)

    cell(row, "plain", plain)
    cell(row, "stream", stream)
    cell(row, "tools", tools)


def responses(model):
    row = {"client": "openai (PyPI)", "version": version_of("openai"), "api": "responses", "model": model}
    functions = [{"type": "function", "name": "get_weather", "description": "Weather", "parameters": SCHEMA, "strict": False}]

    def plain():
        equal(openai.responses.create(model=model, input=QUESTION).output_text, TEXT)

    def stream():
        pieces([event.delta for event in openai.responses.create(model=model, input=QUESTION, stream=True) if event.type == "response.output_text.delta"])

    def tools():
        first = openai.responses.create(model=model, input=QUESTION, tools=functions)
        call = next(item for item in first.output if item.type == "function_call")
        equal(json.loads(call.arguments), {"city": "Seoul"})
        output = [{"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}]
        equal(openai.responses.create(model=model, previous_response_id=first.id, input=output, tools=functions).output_text, TEXT)

    cell(row, "plain", plain)
    cell(row, "stream", stream)
    cell(row, "tools", tools)


def transcribe():
    file = ("a.wav", io.BytesIO(bytes(2_000_000)))
    equal(openai.audio.transcriptions.create(model="chat", file=file).text, TEXT)


anthropic = Anthropic(base_url=URL, api_key=KEY, max_retries=0)


def messages(model):
    row = {"client": "anthropic (PyPI)", "version": version_of("anthropic"), "api": "messages", "model": model}
    offered = [{"name": "get_weather", "description": "Weather", "input_schema": SCHEMA}]

    def plain():
        answer = anthropic.messages.create(model=model, max_tokens=99, messages=MESSAGES)
        equal((answer.content[0].text, answer.usage.output_tokens), (TEXT, 5))

    def stream():
        with anthropic.messages.stream(model=model, max_tokens=99, messages=MESSAGES) as events:
            pieces(list(events.text_stream))

    def tools():
        first = anthropic.messages.create(model=model, max_tokens=99, messages=MESSAGES, tools=offered)
        call = next(block for block in first.content if block.type == "tool_use")
        equal(call.input, {"city": "Seoul"})
        result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}]}
        turns = [*MESSAGES, {"role": "assistant", "content": first.content}, result]
        equal(anthropic.messages.create(model=model, max_tokens=99, messages=turns, tools=offered).content[0].text, TEXT)

    cell(row, "plain", plain)
    cell(row, "stream", stream)
    cell(row, "tools", tools)


google = genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=URL))


def generate(model):
    row = {"client": "google-genai (PyPI)", "version": version_of("google-genai"), "api": "generateContent", "model": model}

    def plain():
        equal(google.models.generate_content(model=model, contents=QUESTION).text, TEXT)

    def stream():
        pieces([chunk.text or "" for chunk in google.models.generate_content_stream(model=model, contents=QUESTION)])

    cell(row, "plain", plain)
    cell(row, "stream", stream)


for name in ("chat", "claude"):
    chat(name)
for name in ("replies", "chat"):
    responses(name)
cell({"client": "openai (PyPI)", "version": version_of("openai"), "api": "transcriptions", "model": "chat"}, "plain", transcribe)
for name in ("claude", "chat"):
    messages(name)
for name in ("gem", "chat"):
    generate(name)
