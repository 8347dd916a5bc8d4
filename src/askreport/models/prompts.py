"""What models want before a question and before a passage, where their own configuration does not say it.

Without these words, retrieval is several points worse, and nothing says why.
"""

import re
from collections.abc import Mapping
from pathlib import PurePath

_ASKED = "Represent this sentence for searching relevant passages: "
# The name of a family of models, in lower case, and what stands before a question and before a passage.
FAMILIES = (
    (r"e5-(small|base|large)(-v2|-unsupervised)?$", "query: ", "passage: "),
    (r"bge-(small|base|large)-en(-v1\.5)?$", _ASKED, ""),
    (r"bge-(small|base|large)-zh(-v1\.5)?$", "为这个句子生成表示以用于检索相关文章：", ""),
    (r"nomic-embed-text-v", "search_query: ", "search_document: "),
    (r"snowflake-arctic-embed-(xs|s|m|l)(-v1\.5|-long)?$", _ASKED, ""),
    (r"snowflake-arctic-embed-(m|l)-v2\.0$", "query: ", ""),
    (r"mxbai-embed-|uae-large-", _ASKED, ""),
)


def prompts_of(model: str, declared: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """The prompts of a model by the name or folder it goes by, as sentence-transformers names them.

    ``declared`` is what the model's configuration says; the table counts only where that is nothing.
    """
    found = {name: prompt for name, prompt in (declared or {}).items() if prompt}
    if found:
        return found
    name = PurePath(model).name.lower()
    for family, question, passage in FAMILIES:
        if re.search(family, name):
            return {"query": question, "document": passage}
    return {}
