"""Which parts of a draft are quotations: every kind of mark, block quotes, and what must not be mistaken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askreport.text.quotations import find_quotations
from tests.tools.timing import PROCESSOR, ratio

WORDS = "a deal on arms"
ORDINARY = f"He said “{WORDS}” and ‘nothing more’, which «nobody» had expected.\n\n> The balance\n> has changed.\n\n"
PAIRS: list[str] = ["“”", '""', "„“", "„”", "«»", "‹›", "»«", "›‹", "‚‘", "‘’"]


def texts(draft: str) -> list[str]:
    return [quotation.text for quotation in find_quotations(draft).found]


# Marks


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("draft", ["{}", "He said {}.", "He said: {}, twice", "({})", "-{}-", "He\n{}\nsaid"])
def test_what_stands_between_marks_is_a_quotation(pair: str, draft: str) -> None:
    assert texts(draft.format(pair[0] + WORDS + pair[1])) == [WORDS]


def test_all_kinds_of_marks_can_be_used_in_one_paragraph() -> None:
    draft = " and ".join(f"{opening}{WORDS} {n}{closing}" for n, (opening, closing) in enumerate(map(tuple, PAIRS)))
    assert texts(draft) == [f"{WORDS} {n}" for n in range(len(PAIRS))]


@pytest.mark.parametrize("draft", ["« {} »", "«\u00a0{}\u00a0»", "‹\u202f{}\u202f›", '" {} "', "“\n{}\n”"])
def test_white_space_inside_the_marks_is_no_part_of_it(draft: str) -> None:
    assert texts(f"Il a dit {draft.format(WORDS)} hier, {draft.format('et puis')}.") == [WORDS, "et puis"]


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("“He said ‘kind words’ only”", ["He said ‘kind words’ only"]),
        ("‘He said “kind words” only’", ["He said “kind words” only"]),
        ("„Er sagte ‚liebe Worte‘ nur“", ["Er sagte ‚liebe Worte‘ nur"]),
        ("„Er sagte »liebe Worte« nur“", ["Er sagte »liebe Worte« nur"]),
        ("“one “two” three” four “five”", ["one “two” three", "five"]),
        ('"one "two" three" four "five"', ['one "two" three', "five"]),
    ],
)
def test_of_nested_quotations_the_outer_one_counts(draft: str, expected: list[str]) -> None:
    assert texts(draft) == expected


@pytest.mark.parametrize(
    "draft",
    [
        "Russia’s and China’s aims",
        "the Communists’ ambitions and the Russians’ fears",
        "’tis the ’90s",
        "it isn't Putin's",
        'a 5" gun',
        "a `“code span”` and ``a ` “b” ``",
        "```\n“fenced code”\n```",
        "~~~ python\nprint(“a”)\n~~~",
        '---\ntitle: "The title"\n---\nText.',
        '<a href="place" title="The title">link</a>',
        '[link](place "The title")',
        "“”",
        "“ … ”",
        "> [!NOTE]\n> This is my own note.",
        "> \n>",
        "",
    ],
)
def test_what_is_no_quotation_is_not_taken_for_one(draft: str) -> None:
    assert texts(draft) == []


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("‘the Communists’ ambitions to occupy Taiwan’", ["the Communists’ ambitions to occupy Taiwan"]),
        ("‘his allies’ in Moscow and ‘his friends’ here", ["his allies", "his friends"]),
        ("“Russia’s aims” aren’t China’s “own aims”", ["Russia’s aims", "own aims"]),
        ("‘Russia’s aims’ aren’t China’s", ["Russia’s aims"]),
    ],
)
def test_an_apostrophe_ends_no_quotation(draft: str, expected: list[str]) -> None:
    assert texts(draft) == expected


@pytest.mark.parametrize(
    ("draft", "expected", "unpaired"),
    [
        ("“open here\n\nthen “closed”", ["closed"], (1,)),
        ("“open here, then “closed”", ["closed"], (1,)),
        ('"open here\n\nthen "closed"', ["closed"], (1,)),
        ('"open here, then "closed" here', ["closed"], (1,)),
        ('closed only" and "closed"', ["closed"], ()),
        ("closed only” and “closed”", ["closed"], ()),
        ("one\n- “open here\n- “closed”", ["closed"], (2,)),
        ("‘open here and “closed” here", ["closed"], ()),
        ("«open here and “closed” here", ["closed"], (1,)),
        ("``` “open” and “closed”", ["open", "closed"], ()),
        ("```\nnever closed\n\n“closed”", ["closed"], ()),
        ("`never closed “closed”", ["closed"], ()),
        ("---\nnever closed\n\n“closed”", ["closed"], ()),
        ("“one « two”", ["one « two"], ()),
    ],
)
def test_a_mark_without_a_partner_swallows_nothing(draft: str, expected: list[str], unpaired: tuple[int, ...]) -> None:
    found = find_quotations(draft)
    assert [quotation.text for quotation in found.found] == expected
    assert found.unpaired == unpaired


def test_chinese_needs_no_spaces_around_marks() -> None:
    assert texts('他说“没有禁区”了，又说"没有止境"了。') == ["没有禁区", "没有止境"]


# Block quotes


def test_the_lines_of_a_block_quote_are_one_quotation() -> None:
    draft = "It says:\n\n> One line\n>and another.\n>\n> > A last one.\n> — The report, p. 3\n\nAnd more."
    (found,) = find_quotations(draft).found
    assert found.text == "One line\nand another.\n\nA last one."
    assert (found.line, draft[found.start : found.end]) == (3, "One line\n>and another.\n>\n> > A last one.")


@pytest.mark.parametrize("attribution", ["— Putin", "-- Putin", "―Putin", "  — *Putin*, 2022"])
def test_the_attribution_is_no_part_of_a_block_quote(attribution: str) -> None:
    assert texts(f"> {WORDS}\n> {attribution}\n") == [WORDS]
    assert texts(f"> {WORDS}\n>\n> {attribution}\n>\n") == [WORDS]


@pytest.mark.parametrize("pair", PAIRS)
def test_marks_around_a_whole_block_quote_are_no_part_of_it(pair: str) -> None:
    assert texts(f"> {pair[0]}a deal\n> on arms{pair[1]}\n> — Putin") == ["a deal\non arms"]


def test_quotations_in_a_block_quote_are_part_of_it() -> None:
    assert texts("> He said “yes” and “no”.\n\n“maybe”") == ["He said “yes” and “no”.", "maybe"]
    assert texts("> “yes” and “no”") == ["“yes” and “no”"]


def test_text_right_after_a_block_quote_is_none_of_it() -> None:
    assert texts("> a deal\n“on arms”") == ["a deal", "on arms"]


# Spans


def test_spans_and_lines_count_from_the_draft_start() -> None:
    draft = '---\ntitle: x\n---\r\nOne “two\r\nthree” 🙂\r\n\r\n> four\r\n> five\r\n\r\n"six"'
    found = find_quotations(draft).found
    assert [(quotation.line, quotation.text) for quotation in found] == [
        (4, "two\r\nthree"),
        (7, "four\r\nfive"),
        (10, "six"),
    ]
    assert [draft[quotation.start : quotation.end] for quotation in found] == ["two\r\nthree", "four\r\n> five", "six"]


@given(st.text(alphabet='a sx“”"„«»‹›‘’‚`>~-=[](\n\r中', max_size=80))
def test_spans_slice_back_to_the_quotations_in_order(draft: str) -> None:
    end = 0
    for quotation in find_quotations(draft).found:
        assert end <= quotation.start < quotation.end <= len(draft)
        end = quotation.end
        piece = draft[quotation.start : quotation.end]
        assert quotation.text.replace(">", "").split() == piece.replace(">", "").split()
        assert quotation.text == quotation.text.strip()
        assert quotation.line == draft.count("\n", 0, quotation.start) + 1


@pytest.mark.parametrize(
    "draft",
    [
        '"' * 500_000,
        "“" * 500_000,
        "“”" * 250_000,
        "«" * 250_000 + "”" * 250_000,
        "“«" * 125_000 + "”»" * 125_000,
        "‘a’ " * 125_000,
        "s’ a" * 125_000,
        "".join("`" * n + " " for n in range(1_000)),
        "".join("`" * n + "\n" for n in range(800, 2, -1)) + "a\n" * 80_000,
        "```x\n" * 100_000,
        "> a\n" * 125_000,
        ">" * 500_000,
        "---\n" * 125_000,
        '="' * 250_000,
        '](x "' * 100_000,
        "\n" * 500_000,
    ],
    ids=lambda draft: repr(draft[:8]),
)
def test_the_time_is_that_of_an_ordinary_draft_whatever_the_draft(draft: str) -> None:
    # In the square of the length each takes hundreds of times as long.
    ordinary = (ORDINARY * len(draft))[: len(draft)]
    assert ratio(lambda: find_quotations(draft), lambda: find_quotations(ordinary), 1, PROCESSOR) < 20


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("He said 'the gap is filled' and left.", ["the gap is filled"]),
        ("It's the dog's 'own bowl'; the dogs' beds aren't 'new'.", ["own bowl", "new"]),
        ("The '90s were 'a time of troubles', he said. Rock 'n' roll.", ["a time of troubles"]),
        ("He said 'don't go' twice.", ["don't go"]),
        ("'The soldiers' boots were wet,' she said.", ["The soldiers' boots were wet,"]),
        ("""He said "the 'inner' one" here.""", ["the 'inner' one"]),
        ("He wrote 'One. Two.' ('three')", ["One. Two.", "three"]),
        ("The soldiers' boots, the officers' hats, 'tis 5' 11 tall for 'em.", []),
        ("<a title='no quotation'>it</a> and [it](/here 'nor this')", []),
        ("'Not closed here.\n\nNor here'", []),
    ],
)
def test_straight_single_marks_are_told_from_apostrophes(draft: str, expected: list[str]) -> None:
    assert [quotation.text for quotation in find_quotations(draft).found] == expected
