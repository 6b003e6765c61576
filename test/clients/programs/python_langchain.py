from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI
from check import KEY, QUESTION, SCHEMA, TEXT, URL, cell, equal, pieces, version_of

TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "Weather", "parameters": SCHEMA}}]


def text_of(message):
    return message.text if isinstance(message.text, str) else message.text()


def run(package, api, model, chat):
    row = {"client": f"{package} (PyPI)", "version": version_of(package), "api": api, "model": model}

    def plain():
        answer = chat.invoke(QUESTION)
        equal((text_of(answer), answer.usage_metadata["output_tokens"]), (TEXT, 5))

    def stream():
        pieces([text_of(chunk) for chunk in chat.stream(QUESTION)])

    def tools():
        bound = chat.bind_tools(TOOLS)
        first = bound.invoke(QUESTION)
        equal(first.tool_calls[0]["args"], {"city": "Seoul"})
        last = bound.invoke([HumanMessage(QUESTION), first, ToolMessage("sunny", tool_call_id=first.tool_calls[0]["id"])])
        equal(text_of(last), TEXT)

    cell(row, "plain", plain)
    cell(row, "stream", stream)
    cell(row, "tools", tools)


for name in ("chat", "claude"):
    run("langchain-openai", "chat", name, ChatOpenAI(model=name, base_url=f"{URL}/v1", api_key=KEY, max_retries=0, stream_usage=True))
run("langchain-openai", "responses", "chat", ChatOpenAI(model="chat", base_url=f"{URL}/v1", api_key=KEY, max_retries=0, use_responses_api=True))
for name in ("claude", "chat"):
    run("langchain-anthropic", "messages", name, ChatAnthropic(model=name, base_url=URL, api_key=KEY, max_retries=0, max_tokens=99))
