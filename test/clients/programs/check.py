import json, os, traceback
from importlib.metadata import version as version_of

URL = os.environ["BASE_URL"]
KEY = os.environ["API_KEY"]
TEXT = "Hello from the model"
QUESTION = "What is the weather in Seoul?"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def cell(row, mode, run):
    """Runs one cell of the matrix and prints how it went."""
    try:
        run()
        print(json.dumps({**row, "mode": mode, "ok": True}), flush=True)
    except Exception as error:
        print(json.dumps({**row, "mode": mode, "ok": False, "why": (repr(error) + traceback.format_exc())[:900]}), flush=True)


def equal(seen, expected):
    assert seen == expected, f"expected {expected!r}, got {seen!r}"


def pieces(texts):
    equal("".join(texts), TEXT)
    assert len([text for text in texts if text]) > 1, "the stream came in one piece"
