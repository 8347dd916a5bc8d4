"""Whether what runs other models is installed: the default ones do without."""

import importlib.util

from askreport.errors import EncoderError

INSTALL = "pip install 'askreport[models]'; in a checkout, make dev."


def need_sentence_transformers(model: str) -> None:
    """Raises EncoderError if sentence-transformers, which alone can load this model, is not installed."""
    if importlib.util.find_spec("sentence_transformers") is None:
        raise EncoderError(f"{model} needs sentence-transformers, which is not installed", INSTALL)
