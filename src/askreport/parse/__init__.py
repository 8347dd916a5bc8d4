"""Files -> Documents. The only package that knows formats; its readers run in processes of their own (child.py)."""

from askreport.parse.decode import decode
from askreport.parse.formats import SUPPORTED, ending_of, named, read_file, reader_version, title_from
from askreport.parse.options import Parsed, ParseOptions
from askreport.parse.pdf.ocr import ocr_version
from askreport.parse.pool import GaveUpError, ParserPool, ReaderEndedError, parser_pool
from askreport.parse.wire import pack, unpack

__all__ = [
    "SUPPORTED",
    "GaveUpError",
    "ParseOptions",
    "Parsed",
    "ParserPool",
    "ReaderEndedError",
    "decode",
    "ending_of",
    "named",
    "ocr_version",
    "pack",
    "parser_pool",
    "read_file",
    "reader_version",
    "title_from",
    "unpack",
]
