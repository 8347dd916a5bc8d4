"""Made-up annual reports whose sentences are much the same, and questions that only one of them answers."""

from dataclasses import dataclass
from random import Random

COMPANIES = {
    "Acme": "Acme Tools plc",
    "Borealis": "Borealis Shipping Ltd",
    "Cobalt": "Cobalt Energy Inc",
}
YEARS = (2016, 2017, 2018, 2019)
_PLACES = ("Lisbon", "Oslo", "Turin", "Gdansk", "Porto", "Malmo", "Ghent", "Leeds", "Basel", "Graz", "Brno", "Split")
_NAMES = ("Adler", "Bruun", "Costa", "Dahl", "Egger", "Frey", "Gatti", "Holm", "Ivers", "Jonas", "Keller", "Lund")


@dataclass(frozen=True)
class Report:
    """A report as a file: its path, its text, and the sentence that answers each question, by its subject."""

    company: str
    year: int
    path: str
    text: str
    facts: dict[str, str]


@dataclass(frozen=True)
class Asked:
    """A question and the one sentence that answers it, of the file at this path."""

    question: str
    sentence: str
    path: str


def reports() -> list[Report]:
    """A report for each company and year. The text of none names its company or the year."""
    chance = Random(1)
    return [_report(chance, at, company, year) for at, (company, year) in enumerate(_every())]


def questions() -> list[Asked]:
    """Questions that name the company and the year whose report answers them."""
    found = []
    for each in reports():
        for subject, question in _QUESTIONS.items():
            asked = question.format(company=each.company, year=each.year)
            found.append(Asked(asked, each.facts[subject], each.path))
    return found


def in_passing() -> list[Asked]:
    """Questions that name one company and are answered by the report of another."""
    return [
        Asked(f"Which supplier did {other} leave for us?", each.facts["won"], each.path)
        for each, other in ((each, _other(each.company)) for each in reports())
        if each.year == YEARS[-1]
    ]


_QUESTIONS = {
    "revenue": "What revenue did {company} report for {year}?",
    "employees": "How many people did {company} employ in {year}?",
    "office": "Where did {company} open a new office in {year}?",
    "director": "Who was the managing director of {company} in {year}?",
}


def _every() -> list[tuple[str, int]]:
    return [(company, year) for company in COMPANIES for year in YEARS]


def _other(company: str) -> str:
    names = list(COMPANIES)
    return names[(names.index(company) + 1) % len(names)]


def _report(chance: Random, at: int, company: str, year: int) -> Report:
    facts = {
        "revenue": f"Revenue was {chance.randint(100, 999)}.{chance.randint(0, 9)} million euros.",
        "employees": f"We employed {chance.randint(1_000, 9_999):,} people at the end of the year.",
        "office": f"A new office was opened in {_PLACES[at]}.",
        "director": f"The managing director was {_NAMES[at]}.",
        "tax": "Income tax was paid in the countries in which profits were earned.",
    }
    if year == YEARS[-1]:
        facts["won"] = f"{_other(company)} left its supplier {_NAMES[-at - 1]} Brothers for us."
    title = f"{COMPANIES[company]}: annual report {year}"
    text = f"# {title}\n\n{' '.join(facts.values())}\n"
    return Report(company, year, f"{company.lower()}/annual-report-{year}.md", text, facts)
