"""Questions that name a company or a year which only the title of the answering text has, beside other texts' titles.

Who asks what Acme reported for 2019 means a sentence of Acme's report of 2019, which says "We" and "this year". Public
questions have what they name in the sentence that answers, so a network need not look at the title. Here nothing but
the title tells which text answers. Nothing that is stated is meant to be true.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from training.examples import Example
from training.relations import LISTS

# What is asked of {c} and {y}; behind dashes what its report says. {n}, {m} are numbers, {p} a person, {k} a country.
FACTS = """
What dividend did {c} pay for {y}?
How much was {c}'s dividend in {y}?
{c} dividend {y}
- We paid a dividend of {n} a share.
- The board proposes a dividend of {n} a share.

What were {c}'s scope 1 emissions in {y}?
How much CO2 did {c} emit in {y}?
{c} {y} emissions
- Scope 1 emissions were {m} tonnes.
- Direct emissions fell to {m} tonnes.

How many people worked for {c} in {y}?
How many employees did {c} have at the end of {y}?
{c} headcount {y}
- At the end of the year, {m} people worked for the group.
- The average number of employees was {m}.

How many women work at {c}?
What share of {c}'s managers were women in {y}?
- Women hold {n}% of management positions.
- {n}% of our managers are women.

What was {c}'s revenue in {y}?
How much did {c} sell in {y}?
revenue {c} {y}
- Revenue came to {m} million.
- Net sales rose to {m} million.

Did {c} make a profit in {y}?
What was {c}'s operating result for {y}?
- The operating result was a loss of {n} million.
- We closed the year with a profit of {n} million.

Who is the chief executive of {c}?
Who led {c} in {y}?
- The chief executive is {p}.
- {p} has been chief executive since the spring.

Who audits {c}'s accounts?
Who was {c}'s auditor in {y}?
- The accounts were audited by {p} & Partners.

Where is {c} based?
Where are {c}'s headquarters?
- The company has its registered office in {k}.
- Our headquarters are in {k}.

How many accidents did {c} report in {y}?
How many workers of {c} were injured in {y}?
- There were {n} accidents with lost time.
- {n} employees were injured at work.

When does {c} want to be climate neutral?
By when will {c} reach net zero?
- We will be climate neutral by 2040.
- Net zero is to be reached in 2045.

How much did {c} invest in {y}?
What was {c}'s capital expenditure for {y}?
- Capital expenditure was {m} million.
- We invested {n} million, most of it in new plants.

How much does {c} spend on research?
What did {c} spend on research and development in {y}?
- Research and development cost {n} million.

How high was {c}'s net debt at the end of {y}?
{c} net debt {y}
- Net debt was {m} million.
- Net debt fell by {n} million.

How much energy did {c} use in {y}?
What share of {c}'s energy was renewable in {y}?
- Energy consumption was {m} MWh, of which {n}% was renewable.

How much water did {c} use in {y}?
{c} water withdrawal {y}
- We withdrew {m} cubic metres of water.

How many stores did {c} open in {y}?
How many branches does {c} have?
- {n} new stores were opened.
- We run {n} branches.

What did {c} pay for the acquisition in {y}?
Which company did {c} buy in {y}?
- In March we acquired a competitor in {k} for {n} million.

Which risk does {c} see as its greatest?
What is {c}'s main risk?
- The greatest risk is the price of raw materials.
- Our main risk is a long strike.

Was {c} sued in {y}?
What is the lawsuit against {c} about?
- A former supplier has sued us for {n} million.

How much tax did {c} pay in {y}?
What was {c}'s tax rate in {y}?
- Income tax was {n} million, a rate of {n}%.

How many suppliers did {c} audit in {y}?
- {n} suppliers were audited
-  contracts with three were ended.

What bonus did the board of {c} get for {y}?
How much was the chief executive of {c} paid in {y}?
- The chief executive received {m} thousand, of which {n}% was a bonus.

How big is {c}'s order backlog?
What was {c}'s order intake in {y}?
- The order backlog is {m} million.
- Orders worth {m} million were received.

What share of waste did {c} recycle in {y}?
How much waste did {c} produce in {y}?
- {n}% of the waste was recycled.
- {m} tonnes of waste were produced.

Where is {c} building a new plant?
Which plant did {c} close in {y}?
- A new plant is being built in {k}.
- The plant in {k} was closed.

How many customers did {c} have in {y}?
Did {c} lose customers in {y}?
- The number of customers fell by {n} thousand.
- We serve {m} thousand customers.

Does {c} buy back its own shares?
How many shares did {c} buy back in {y}?
- {m} thousand shares were bought back.

What does {c} expect for the next year?
What is {c}'s outlook?
- For the coming year we expect growth of {n}%.
- We expect the market to shrink by {n}%.

What did {c} do about deforestation?
Does {c} buy palm oil?
- We buy only certified palm oil.
- Soy from cleared land is no longer bought.

How long is the warranty of {c}'s products?
What guarantee does {c} give?
- The warranty is {n} months.

How much notice must be given to {c}?
What notice period does the contract with {c} have?
- Either side may give notice of {n} days.

Who signed the contract with {c}?
When does the contract with {c} end?
- The contract ends after {n} years and was signed by {p}.

What was inflation in {k} in {y}?
How high was unemployment in {k} in {y}?
- Inflation was {n}%, unemployment {n}%.

How much did the economy of {k} grow in {y}?
{k} growth {y}
- The economy grew by {n}%.
- Output shrank by {n}%.

How many tourists came to {k} in {y}?
- {m} thousand tourists arrived.

Who won the election in {k} in {y}?
Who became president of {k} in {y}?
- {p} won with {n}% of the votes.

How much did {k} spend on defence in {y}?
- Defence spending was {m} million.
- {n}% of the budget went to defence.
"""
# Names of companies are put together, so that none is learnt.
FIRST = "Nord Alp Vest Kor Lun Tar Bel Sol Mar Fen Gal Hex Ion Jar Oke Pri Rus Syl Tem Umb Bran Cal Dor Esk"
SECOND = "sten via ix dale mar tek ora lin gas wood foods bank shire holm ium berg way croft"
FORMS = ("", "", " Group", " plc", " AG", " Inc.", " Holdings", " Energy", " Shipping", " & Sons")
HEADINGS = (
    "Letter from the chair, Results, Key figures, Employees, Environment, Our strategy, Outlook, Notes, Governance, "
    "Risk, Summary, Introduction, Finance, Operations, Section 4, Appendix"
)
REPORTS = """
{s} Annual Report {y}
Annual Report {y}: {s}
{s}: Sustainability Report {y}
{s} {y}
{s} Integrated Report {y}
{y} {s} report
{s} Report and Accounts {y}
{s} ESG report, {y}
{s} – facts and figures {y}
{s} half-year report {y}
"""
COUNTRY_REPORTS = """
{s} Economic Outlook {y}
{s} {y}
{y} {s} country report
Country report: {s}, {y}
"""
# How a question comes to name the year or the company of a text's title.
BY_YEAR = ("{q} in {y}?", "{q} in {y}?", "In {y}, {l}?", "{q} for {y}?", "{y}: {q}?")
BY_COMPANY = (
    "According to {c}, {l}?",
    "In {c}'s report, {l}?",
    "What does {c} say: {l}?",
    "{c}: {q}?",
    "{q}, according to {c}?",
    "{q} at {c}?",
)
_YEAR = re.compile(r"\b(1[5-9]|20)\d\d\b")


def titled(
    sources: Sequence[Example], draw: random.Random, made_up: int, real: int
) -> Iterator[tuple[Example, Example]]:
    """So many made-up pairs, and so many of questions of ``sources``: a text under its title, and under another's."""
    for _ in range(made_up):
        yield _made_up(draw)
    fit = [
        each for each in sources if 1 in each.labels and each.question.endswith("?") and not _YEAR.search(each.question)
    ]
    for each in draw.sample(fit, min(real, len(fit))):
        yield _renamed(each, draw)


def _made_up(draw: random.Random) -> tuple[Example, Example]:
    lines = draw.choice(FACTS.strip().split("\n\n")).splitlines()
    question = draw.choice([line for line in lines if not line.startswith("- ")])
    sentence = draw.choice([line.removeprefix("- ") for line in lines if line.startswith("- ")])
    of_country = "{c}" not in question
    subjects = draw.sample(LISTS["country"], 2) if of_country else companies(draw)
    year = draw.randint(1995, 2025)
    right = (subjects[0], year)
    # Another's report, or where a year is asked for one of another year.
    wrong = (subjects[1], year)
    asked_of = subjects[0]
    if "{y}" in question and draw.random() < 0.6:
        wrong = (subjects[0], year + draw.choice((-2, -1, -1, 1, 1, 2, 5)))
        asked_of = draw.choice((asked_of, asked_of, asked_of, "the company")) if not of_country else asked_of
    report = draw.choice((COUNTRY_REPORTS if of_country else REPORTS).strip().splitlines())
    titles = [_title(draw, report.format(s=subject, y=of_year)) for subject, of_year in (right, wrong)]
    figures = {"n": draw.choice(("3", "7", "12", "41", "4.50", "88")), "m": f"{draw.randint(900, 99_999):,}"}
    named = {"p": draw.choice(LISTS["person"]), "k": draw.choice(LISTS["country"]), "c": asked_of, "y": str(year)}
    example = Example(
        source="titled",
        question=question.format(**named | ({"k": asked_of} if of_country else {})),
        title=titles[0],
        sentences=(sentence.format(**named, **figures),),
        labels=(1,),
    )
    return example, replace(example, title=titles[1], labels=(0,))


def companies(draw: random.Random) -> list[str]:
    """Two names of companies, most of which there are not."""
    known = draw.sample(LISTS["company"], 2)
    firsts = draw.sample(FIRST.split(), 2)
    made_up = [first + draw.choice(SECOND.split()) + draw.choice(FORMS) for first in firsts]
    return [one if draw.random() < 0.3 else other for one, other in zip(known, made_up, strict=True)]


def _renamed(example: Example, draw: random.Random) -> tuple[Example, Example]:
    """The example with a year or a company added to its question and its title, and to its title another."""
    asked = example.question.removesuffix("?").strip()
    lowered = asked[:1].lower() + asked[1:]
    subject, other = companies(draw)
    year = draw.randint(1960, 2025)
    away = year + draw.choice((-10, -2, -1, -1, 1, 1, 2, 7))
    title = example.title
    if draw.random() < 0.6:
        question = draw.choice(BY_YEAR).format(q=asked, l=lowered, y=year)
        form = draw.choice(("{t} {y}", "{t} ({y})", "{y} {t}", "{t}, {y}", "Report {y}", "{t} › {y}"))
        titles = [form.format(t=title, y=each).strip() for each in (year, away)]
    else:
        question = draw.choice(BY_COMPANY).format(q=asked, l=lowered, c=subject)
        form = draw.choice(REPORTS.strip().splitlines())
        titles = [form.format(s=each, y=year) for each in (subject, other)]
    right, wrong = (replace(example, question=question, title=each, verdict=-1) for each in titles)
    return right, replace(wrong, labels=(0,) * len(wrong.labels), answers={})


def _title(draw: random.Random, report: str) -> str:
    return f"{report} › {draw.choice(HEADINGS.split(', '))}" if draw.random() < 0.5 else report
