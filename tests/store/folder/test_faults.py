"""A killed indexer and damaged files do no harm; `make faults` tries hundreds of each."""

from pathlib import Path

from tests.tools.faults import damage_files, kill_at_random_moments


def test_an_indexer_killed_at_any_moment_costs_no_answer_and_no_finished_batch(tmp_path: Path) -> None:
    tally = kill_at_random_moments(tmp_path, 12, seed=1)
    assert tally.is_clean, tally
    # Some were killed before they had published, some were not.
    assert 0 < tally.published < tally.runs
    assert tally.kills == 12


def test_a_damaged_file_is_noticed_or_harmless_and_the_next_run_repairs_it(tmp_path: Path) -> None:
    results = damage_files(tmp_path, 1, seed=1)
    assert not results.keys() - {"harmless", "noticed", "refused"}, results
    assert results["noticed"] > 5
