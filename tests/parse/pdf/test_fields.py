"""What a form was filled in with and what notes say on a page is text of the page; what is struck out is not."""

import pytest

from askreport.boxes import unpack_boxes
from askreport.parse.options import Parsed
from tests.parse.pdf.made import Shown, drawn
from tests.parse.pdf.test_reader import parsed

FORM = "/AcroForm<</Fields[3 0 R]/DA(/Helv 0 Tf 0 g)>>"


def filled(shown: list[Shown], *annotations: str, catalog: str = FORM) -> Parsed:
    numbers = " ".join(f"{3 + n} 0 R" for n in range(len(annotations)))
    return parsed(drawn(shown, catalog=catalog, page_entries=f"/Annots[{numbers}]", more=annotations))


def field(rest: str, rect: str = "200 698 400 712") -> str:
    return f"<</Type/Annot/Subtype/Widget/T(a)/Rect[{rect}]/F 4 {rest}>>"


def test_a_value_stands_behind_its_label() -> None:
    shown = [Shown("Name of the applicant:", y=700), Shown("Signed in May.", y=600)]
    item = filled(shown, field("/FT/Tx/V(Karst Minerals AG)"))
    assert item.document.text == "Name of the applicant:\tKarst Minerals AG\n\nSigned in May.\n"
    at = item.document.text.index("Karst")
    assert unpack_boxes(item.layout[0])[at].tolist()[:2] == [20000, 8000]


def test_a_value_below_its_label_or_within_a_line_is_in_its_place() -> None:
    below = filled([Shown("Reason:", y=716)], field("/FT/Tx/V(It was found.)", "72 698 400 712"))
    assert below.document.text.startswith("Reason: It was found.") or "Reason:\tIt was found." in below.document.text
    shown = [Shown("I live in", x=72), Shown("since May.", x=420)]
    assert "I live in Varn since May." in filled(shown, field("/FT/Tx/V(Varn)")).document.text


@pytest.mark.parametrize(("state", "mark"), [("Yes", "☒"), ("Off", "☐")])
def test_a_box_says_whether_it_is_ticked(state: str, mark: str) -> None:
    widget = field(f"/FT/Btn/V/{state}/AS/{state}/AP<</N<</Yes null/Off null>>>>", "60 698 70 710")
    assert filled([Shown("with a bond")], widget).document.text.startswith(f"{mark} with a bond")


def test_a_chosen_entry_of_a_list_is_read_and_a_password_is_not() -> None:
    chosen = field("/FT/Ch/Ff 131072/V(North)/Opt[(North)(South)]")
    assert "Region:\tNorth" in filled([Shown("Region:")], chosen).document.text
    assert "secret" not in filled([Shown("Word:")], field("/FT/Tx/Ff 8192/V(secret)")).document.text


def test_a_note_typed_onto_the_page_is_read_unless_it_is_hidden() -> None:
    note = "<</Type/Annot/Subtype/FreeText/Rect[300 400 500 430]/Contents(It was cancelled.)/F {}>>"
    shown = [Shown("The plan foresees a pier, which", y=700), Shown("will be long.", y=686)]
    read = filled(shown, note.format(4), catalog="").document.text
    assert read == "The plan foresees a pier, which will be long.\n\nIt was cancelled.\n"
    assert "cancelled" not in filled(shown, note.format(2), catalog="").document.text


def test_words_that_an_editor_struck_out_are_left_out() -> None:
    shown = [Shown("The price is", x=72), Shown("seven", x=140), Shown("nine million.", x=180)]
    struck = "<</Type/Annot/Subtype/StrikeOut/Rect[138 698 170 712]/QuadPoints[138 712 170 712 138 698 170 698]/F 4>>"
    assert " ".join(filled(shown, struck, catalog="").document.text.split()) == "The price is nine million."
