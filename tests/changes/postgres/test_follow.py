"""Folders are followed: what is planned leads to the same library from anywhere, and touches nothing that was sent."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from askreport.changes.postgres.follow import Found, Plan, look, plan
from askreport.store.postgres.files import File
from tests.tools.parts import folder

MADE = "made so"
names = st.sampled_from(["a.txt", "b.txt", "c.txt", "d/a.txt"])
contents = st.sampled_from(["1", "2", "3"])
folders = st.dictionaries(names, contents).map(
    lambda found: [
        Found(file=Path(name), name=name, content=content, size=1) for name, content in sorted(found.items())
    ]
)
uploads = st.dictionaries(names, contents, max_size=2).map(
    lambda sent: [
        File(name=name, content=content, size=1, folder=False, status="indexed", reason="", documents=1, made=MADE)
        for name, content in _once(sent).items()
    ]
)


def made(name: str) -> str:
    return MADE


def _once(sent: dict[str, str]) -> dict[str, str]:
    """The same with each content once: the library takes no file twice."""
    return {name: content for content, name in {content: name for name, content in sent.items()}.items()}


def after(known: list[File], planned: Plan) -> list[File]:
    """The library once a plan is carried out, as workers do it: in order, bytes that are there being duplicates."""
    files = {each.name: each for each in known}
    for old, new in planned.renamed:
        files[new] = replace(files.pop(old), name=new, made="")
    for name in planned.gone:
        del files[name]
    for each in planned.wanted:
        there = [
            f for f in files.values() if (f.content, f.status) == (each.content, "indexed") and f.name != each.name
        ]
        files[each.name] = File(
            name=each.name,
            content=each.content,
            size=1,
            folder=True,
            status="duplicate" if there else "indexed",
            reason="",
            documents=1,
            made=MADE,
        )
    return list(files.values())


def settled(known: list[File], found: list[Found]) -> list[File]:
    """The library after two runs, as ``askreport index`` does them where there are duplicates."""
    for _ in range(2):
        known = after(known, plan(found, known, made, retry=False))
    return known


@given(folders, folders, uploads)
def test_a_library_follows_from_any_folder_to_any_other_and_then_nothing_is_to_be_done(
    first: list[Found], then: list[Found], sent: list[File]
) -> None:
    known = settled(settled(sent, first), then)
    assert [each for each in known if not each.folder] == sent
    indexed = [each.content for each in known if each.status == "indexed"]
    assert sorted(indexed) == sorted({each.content for each in then} | {each.content for each in sent})
    assert plan(then, known, made, retry=False) == Plan(renamed=[], gone=[], wanted=[], refused=[])
    left_out = [each for each in then if any((s.name, s.content) == (each.name, each.content) for s in sent)]
    assert sum(each.folder for each in known) == len(then) - len(left_out)


def test_a_file_under_another_name_is_renamed_and_read_by_that_name() -> None:
    known = [
        File(name="old.txt", content="1", size=1, folder=True, status="indexed", reason="", documents=1, made=MADE)
    ]
    planned = plan([Found(file=Path("new.txt"), name="new.txt", content="1", size=1)], known, made, retry=False)
    assert (planned.renamed, planned.gone) == ([("old.txt", "new.txt")], [])
    assert [each.name for each in planned.wanted] == ["new.txt"]


def test_what_could_not_be_read_is_read_again_if_asked_for_or_changed() -> None:
    known = [
        File(name="a.pdf", content="1", size=1, folder=True, status="damaged", reason="broken", documents=0, made=MADE)
    ]
    found = Found(file=Path("a.pdf"), name="a.pdf", content="1", size=1)
    assert plan([found], known, made, retry=False).wanted == []
    assert plan([found], known, made, retry=True).wanted == [found]
    assert plan([replace(found, content="2")], known, made, retry=False).wanted[0].content == "2"
    assert plan([found], known, lambda name: "made otherwise", retry=False).wanted == [found]


def test_what_no_reader_is_for_is_not_sent(tmp_path: Path) -> None:
    folder(tmp_path, {"film.mkv": "x", "large.txt": "x" * 50, "sub/good.txt": "words", ".hidden.txt": "x"})
    (tmp_path / "b\udcff.txt").write_text("x")
    found = {each.name: each for each in look([tmp_path], 40, lambda stage, done, total: None)}
    statuses = {name: each.refused[0] if each.refused else "" for name, each in found.items()}
    assert statuses == {"film.mkv": "unsupported", "large.txt": "too_large", "sub/good.txt": "", "b?.txt": "unreadable"}
    planned = plan(list(found.values()), [], made, retry=False)
    assert [each.name for each in planned.wanted] == ["sub/good.txt"]
    assert len(planned.refused) == 3
    status, reason = planned.refused[0].refused or ("damaged", "")
    known = [
        File(
            name=planned.refused[0].name,
            content="",
            size=0,
            folder=True,
            status=status,
            reason=reason,
            documents=0,
            made=MADE,
        )
    ]
    assert len(plan(list(found.values()), known, made, retry=False).refused) == 2
