import json
import litellm
from check import KEY, QUESTION, SCHEMA, TEXT, URL, cell, equal, pieces, version_of

litellm.telemetry = False
MESSAGES = [{"role": "user", "content": QUESTION}]
TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "Weather", "parameters": SCHEMA}}]


def run(api, model, **where):
    row = {"client": "litellm (PyPI)", "version": version_of("litellm"), "api": api, "model": model.split("/", 1)[1]}

    def plain():
        equal(litellm.completion(model=model, messages=MESSAGES, api_key=KEY, **where).choices[0].message.content, TEXT)

    def stream():
        pieces([chunk.choices[0].delta.content or "" for chunk in litellm.completion(model=model, messages=MESSAGES, api_key=KEY, stream=True, **where)])

    def tools():
        first = litellm.completion(model=model, messages=MESSAGES, tools=TOOLS, api_key=KEY, **where).choices[0].message
        equal(json.loads(first.tool_calls[0].function.arguments), {"city": "Seoul"})
        turns = [*MESSAGES, first, {"role": "tool", "tool_call_id": first.tool_calls[0].id, "content": "sunny"}]
        equal(litellm.completion(model=model, messages=turns, tools=TOOLS, api_key=KEY, **where).choices[0].message.content, TEXT)

    cell(row, "plain", plain)
    cell(row, "stream", stream)
    cell(row, "tools", tools)


for name in ("chat", "claude"):
    run("chat", f"openai/{name}", api_base=f"{URL}/v1")
for name in ("claude", "chat"):
    run("messages", f"anthropic/{name}", api_base=URL)
