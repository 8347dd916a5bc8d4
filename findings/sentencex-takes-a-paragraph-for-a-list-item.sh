#!/usr/bin/env bash
# Shows: in a paragraph that begins with a number in brackets, sentencex finds one sentence, however many there are: it
# takes all of it for an item of a list. Laws and notes to tables are made of such paragraphs. askreport's own rules judge
# the marks, and sentencex is shown a word with a full stop and the next word, nothing else.
# Version: sentencex==1.0.32
# Seen: 2 sentences without the number, 1 with it
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet sentencex==1.0.32
"$folder/venv/bin/python" - <<'PROGRAM'
from sentencex import get_sentence_boundaries

plain = "It includes borrowings of $3.8 billion. See Note 7 of the statements."
numbered = "(3) It includes borrowings of $3.8 billion. See Note 7 of the statements."
without, with_numbers = (len(get_sentence_boundaries("en", text)) for text in (plain, numbered))
print(f"{without} sentences without the number, {with_numbers} with it")
raise SystemExit(0 if (without, with_numbers) == (2, 1) else 1)
PROGRAM
