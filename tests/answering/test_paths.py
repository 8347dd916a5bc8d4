"""What the place of a file says."""

from askreport.answering.paths import path_terms, told_by_path


def test_a_folder_tells_documents_of_one_name_apart() -> None:
    paths = {name: path_terms(f"{name}/annual.txt", str.split) for name in ("2019", "2020")}
    assert told_by_path(paths, {"grants", "annual", "2019"}) == {"2019": 1.0, "2020": 0.0}


def test_what_all_paths_say_tells_nothing() -> None:
    paths = {name: path_terms(f"x/{name}.txt", str.split) for name in ("a", "b")}
    assert told_by_path(paths, {"x"}) == {"a": 0.0, "b": 0.0}
    assert told_by_path({}, {"x"}) == {}
