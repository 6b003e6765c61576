from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike
from check import KEY, QUESTION, TEXT, URL, cell, equal, pieces, version_of

for name in ("chat", "claude"):
    row = {"client": "llama-index (PyPI)", "version": version_of("llama-index-llms-openai-like"), "api": "chat", "model": name}
    llm = OpenAILike(model=name, api_base=f"{URL}/v1", api_key=KEY, is_chat_model=True, max_retries=0, context_window=8000)
    question = [ChatMessage(role="user", content=QUESTION)]
    cell(row, "plain", lambda: equal(llm.chat(question).message.content, TEXT))
    cell(row, "stream", lambda: pieces([chunk.delta or "" for chunk in llm.stream_chat(question)]))
