"""A client for scripts: the service's API as methods that return dataclasses.

from askreport import Client

with Client("http://127.0.0.1:8000") as client:
    for quote in client.ask("does the SVR spy on China?").quotes:
        print(quote.text, quote.document.path, quote.start, quote.end)

What an answer and a document consist of is in types.py. The other nouns are in nouns.py: those of the service are in
modules that load its index and its readers.
"""
