"""How well unsupported sentences are told from supported ones: `python -m benchmarks.claims`.

The sentences of tests/tools/claims.jsonl were written about quotes of corpus/: paraphrases, which are to pass, and what
a language model gets wrong. The thresholds were chosen on those that are not held out.
"""

from collections.abc import Iterator

from askreport.answering.library import Library
from askreport.config import Settings
from askreport.prose.support import Checker
from tests.tools.labelled import Claim, load_claims, passes


def rows(checker: Checker, claims: list[Claim]) -> Iterator[tuple[bool, str, int, int]]:
    """For each part of the set and kind of sentence: how many there are, and how many pass."""
    for held_out in (False, True):
        own = [claim for claim in claims if claim.held_out == held_out]
        for kind in dict.fromkeys(claim.kind for claim in own):
            passed = [passes(checker, claim) for claim in own if claim.kind == kind]
            yield held_out, kind, len(passed), sum(passed)


def main() -> None:
    """Prints how many of each kind pass, with the built-in reader and without one."""
    library = Library.open(Settings())
    claims = load_claims(library.store)
    for name, scorer in (("built-in reader", library.scorer), ("no reader", None)):
        print(f"\n{name}")
        for held_out, kind, count, passed in rows(Checker(library.encoder, scorer), claims):
            print(f"  {'held out' if held_out else 'chosen on':10} {kind:11} {passed:3} of {count:3} pass")


if __name__ == "__main__":
    main()
