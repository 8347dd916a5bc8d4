"""Makes of the package's file what networks over it run on: a graph, the tokenizer's files and the position vectors.

Run as a child process by ``e5.py``: ``python -m askreport.models.e5_build WEIGHTS FOLDER``. It needs no PyTorch.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx

from askreport.models.bert_graph import Bert, bert_graph
from askreport.models.e5 import GRAPH, JOINED, META, POSITIONS, UPPER
from askreport.models.e5_file import E5File
from askreport.models.unigram import write_pieces


def build(weights: Path, folder: Path) -> None:
    """Writes the model into ``folder``; raises ValueError for a file of another layout."""
    file = E5File(weights)
    shape = file.shape
    bert = Bert(
        hidden=shape.hidden, layers=shape.layers, heads=shape.heads, epsilon=shape.epsilon, weights=file.weights
    )
    joined = min(JOINED, shape.layers - 1)
    onnx.save(bert_graph(bert, shown=joined), folder / GRAPH)
    onnx.save(bert_graph(bert, first=joined), folder / UPPER)
    # Every token is of the first type, so its vector is added to the positions' once and for all.
    positions = file.weights("emb.pos").reshape(shape.positions, shape.hidden)
    np.save(folder / POSITIONS, positions + file.weights("emb.type").reshape(-1, shape.hidden)[0])
    write_pieces(file.pieces, folder)
    meta = {"runtime": "e5", "vocabulary": shape.vocabulary, "words": file.offset("emb.word")}
    (folder / META).write_text(json.dumps(meta, indent=1))


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
