"""Made-up sentences that differ in who does what to whom, in a negation, a name or a year, with questions about them.

Text of a report seldom has the same words with their roles exchanged, so a network need not learn that roles matter.
Here nothing else tells which sentence answers. Nothing that is stated is meant to be true.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from training.examples import Example

NAMES = {
    "country": (
        "France, Japan, Brazil, Kenya, Norway, Egypt, India, Poland, Chile, Vietnam, Turkey, Iran, Spain, "
        "Ghana, Peru, Ukraine, China, Russia, Israel, Jordan, Canada, Mexico, Serbia, Qatar, Nepal, Cuba, "
        "Sweden, Italy, Greece, Algeria, Mali, Laos, Fiji, Latvia, Georgia, Armenia, Pakistan, Sudan, Oman, "
        "Iraq, South Korea, Saudi Arabia"
    ),
    "company": (
        "Acme, Boreal Energy, Nordstahl, Helix Labs, Quantum Freight, Sunrise Foods, Meridian Bank, Orbis, "
        "Kestrel Air, Delta Mining, Toyota, Siemens, Nokia, Boeing, Airbus, Samsung, Intel, Oracle, Adidas, "
        "Unilever, Bayer, Shell, Lantern Media, Vireo, Castor Steel, Pinewood, Halden Group, Tarn Software, "
        "Bluegate, Zephyr Motors"
    ),
    "person": (
        "Anna, Tom, Maria Lopez, Ahmed, Priya, Lena, Oskar, Ines, Peter Novak, Chloe, Ivan, Yuki, Samuel, "
        "Fatima, Jonas, Ruth Adler, Karl, Elena, Pavel, Nadia, Hugo, Mei, Omar, Sofia, Viktor, Clara, "
        "David Osei, Leila, Martin, Greta"
    ),
    "agency": (
        "the CIA, the SVR, the BND, MI6, the FBI, the Mossad, the MSS, the NSA, the DGSE, the FSB, the RAW, "
        "the GRU, the interior ministry, the border guard, the tax office, the central bank, the navy, "
        "the air force"
    ),
    "animal": (
        "wolves, moose, ants, aphids, owls, mice, sharks, seals, cuckoos, warblers, spiders, wasps, foxes, "
        "hares, crabs, octopuses, orcas, penguins, lynxes, squirrels, bats, moths, beetles, snails"
    ),
    "thing": (
        "the parser, the scheduler, the cache, the gateway, the thyroid, the liver, the virus, the enzyme, "
        "the glacier, the lake, the moon, the comet, the committee, the council, the union, the orchestra, "
        "the server, the router"
    ),
}
LISTS = {kind: names.split(", ") for kind, names in NAMES.items()}
PLURAL = {"animal"}
# base, past, participle, who does it; both sides are of the same kind.
VERBS = """
spy on|spied on|spied on|country agency person
invade|invaded|invaded|country
attack|attacked|attacked|country animal person
threaten|threatened|threatened|country company person animal
support|supported|supported|country company person
sue|sued|sued|company person country
acquire|acquired|acquired|company
fund|funded|funded|country company agency
advise|advised|advised|person agency company
train|trained|trained|person agency
supply|supplied|supplied|country company
betray|betrayed|betrayed|person country
warn|warned|warned|person agency country
criticise|criticised|criticised|person country company
praise|praised|praised|person country company
hire|hired|hired|company person
teach|taught|taught|person
marry off|married off|married off|person
follow|followed|followed|person animal
visit|visited|visited|person
hunt|hunted|hunted|animal
eat|ate|eaten|animal
protect|protected|protected|animal country person thing
drive out|drove out|driven out|animal country company
infect|infected|infected|animal person
control|controlled|controlled|thing agency company country
call|called|called|thing person
block|blocked|blocked|thing company country
replace|replaced|replaced|thing company person
monitor|monitored|monitored|agency thing company
influence|influenced|influenced|thing person country
damage|damaged|damaged|thing company
endorse|endorsed|endorsed|person company
defeat|defeated|defeated|country person
outrun|outran|outrun|animal person
rescue|rescued|rescued|person agency
blackmail|blackmailed|blackmailed|person company agency
occupy|occupied|occupied|country
overtake|overtook|overtaken|company country person
copy|copied|copied|company person
recruit|recruited|recruited|agency company person
pay|paid|paid|company person country
trust|trusted|trusted|person country agency
deceive|deceived|deceived|person agency company
"""
# What one does to the other, and what the other then does: who is first in the second is second in the first.
CONVERSE = """
sell ships to|sold ships to|buy ships from|bought ships from|country company
lend money to|lent money to|borrow money from|borrowed money from|country company person
teach|taught|learn the trade from|learnt the trade from|person
defeat|defeated|lose to|lost to|country person
employ|employed|work for|worked for|person company
export gas to|exported gas to|import gas from|imported gas from|country
give a house to|gave a house to|receive a house from|received a house from|person
leave the farm to|left the farm to|inherit the farm from|inherited the farm from|person
send grain to|sent grain to|get grain from|got grain from|country company
own|owned|belong to|belonged to|company
precede|preceded|come after|came after|person thing
lease land to|leased land to|rent land from|rented land from|country company person
pass secrets to|passed secrets to|obtain secrets from|obtained secrets from|agency person country
pay a fee to|paid a fee to|collect a fee from|collected a fee from|company person
host|hosted|stay with|stayed with|person
prey on|preyed on|fall victim to|fell victim to|animal
supply parts to|supplied parts to|source parts from|sourced parts from|company
trust|trusted|enjoy the trust of|enjoyed the trust of|person country
"""
COMPARED = (
    "older younger, taller shorter, richer poorer, larger smaller, heavier lighter, faster slower, hotter colder, "
    "stronger weaker, louder quieter, cheaper dearer, deeper shallower, busier calmer"
)
DEEDS = """
sign the treaty|signed the treaty|signed the treaty
pay the fine|paid the fine|paid the fine
attend the summit|attended the summit|attended the summit
publish the accounts|published the accounts|published the accounts
join the alliance|joined the alliance|joined the alliance
pass the exam|passed the exam|passed the exam
finish the race|finished the race|finished the race
repay the loan|repaid the loan|repaid the loan
approve the budget|approved the budget|approved the budget
recall the product|recalled the product|recalled the product
survive the crash|survived the crash|survived the crash
ratify the convention|ratified the convention|ratified the convention
send troops|sent troops|sent troops
answer the letter|answered the letter|answered the letter
vote|voted|voted
apologise|apologised|apologised
return the books|returned the books|returned the books
support the motion|supported the motion|supported the motion
close the border|closed the border|closed the border
sell the shares|sold the shares|sold the shares
report the incident|reported the incident|reported the incident
resign|resigned|resigned
accept the offer|accepted the offer|accepted the offer
reach the summit|reached the summit|reached the summit
take the medicine|took the medicine|taken the medicine
"""
OPPOSED = """
supported the merger|opposed the merger
voted for the bill|voted against the bill
accepted the terms|rejected the terms
passed the inspection|failed the inspection
won the appeal|lost the appeal
allowed the protest|banned the protest
raised its prices|cut its prices
confirmed the report|denied the report
kept the old rules|gave up the old rules
welcomed the plan|resisted the plan
remembered the password|forgot the password
joined the strike|stayed away from the strike
told the truth|lied
left the country|stayed in the country
spoke to the press|kept silent
"""
THINGS = (
    "glass bottles, copper wire, the blue model, the Titan, the red valve, mushrooms, chewing gum, the night train, "
    "barley, the museum, the old bridge, plastic film, the free plan, vinegar, the tablet, the spare key, drones, "
    "salt, the trial version, the north gate, fireworks, tap water, the printed form, the Segura, the first edition"
)
STATES = (
    "legal illegal, allowed forbidden, safe unsafe, covered excluded, open closed, available unavailable, "
    "compatible incompatible, edible poisonous, included left out, required optional, waterproof leaky, free expensive"
)
PLACES = "in Norland, at the depot, under the contract, on Sundays, in the park, for members, in winter, at sea, by law"
OPENINGS = (
    "", "", "", "In {year}, ", "According to the report, ", "Two years later, ", "As the archive shows, ", "By then, ",
    "Although nobody had expected it, ", "Under pressure from its allies, ", "During the talks, ", "In the spring, ",
)  # fmt: skip
ENDINGS = (
    "", "", "", " for years", " before the war", ", observers said", " in spite of earlier promises", " once more",
    ", as both sides later admitted", " after a long dispute", ", the court found", " without warning",
)  # fmt: skip
WHICH = {
    "country": "Which country",
    "company": "Which company",
    "person": "Who",
    "agency": "Which agency",
    "animal": "Which animals",
    "thing": "What",
}

# What a text says first of its subject; no comma within.
DEFINITIONS = {
    "country": "a country with two coasts, a member of the council since YEAR, a republic of nine provinces",
    "company": "a company founded in YEAR, a maker of tools and machines, one of the largest firms of its kind",
    "person": "a lawyer born in YEAR, the author of three books, a former head of the institute, an engineer by trade",
    "agency": "the service in charge of foreign intelligence, a body founded in YEAR, responsible for security abroad",
    "animal": "found in most of the northern forests, small and mostly active at night, known for their keen senses",
    "thing": "one of the oldest parts of the system, described in chapter two, named after its discoverer",
}

# base, past, how one asks for what it is done to, and what that may be.
HELD = """
work at|worked at|Where|the Halden Institute, the Royal Academy, Pinewood College, the state archive, St Anne's Hospital
play for|played for|Which club|Rovers, Union Berlin, Dynamo, Athletic, the Wanderers, Sporting, the Rangers, Racing
teach at|taught at|Which university|Leiden, Uppsala, Bologna, Oxford, Coimbra, Prague, Heidelberg, Padua
live in|lived in|Which city|Lisbon, Vienna, Cairo, Boston, Kyoto, Riga, Lima, Geneva, Oslo, Madras
represent|represented|Which district|the northern district, the harbour, the old town, the valley, the third district
write for|wrote for|Which newspaper|the Herald, the Courier, the Morning Post, the Gazette, the Observer, the Tribune
head|headed|Which department|the treasury, the foreign office, the health department, the planning office, the mint
"""
METRICS = (
    "revenue, net sales, operating income, net income, cost of sales, gross profit, research and development expenses, "
    "interest expense, total assets, long-term debt, inventories, trade receivables, deferred tax assets, employees, "
    "operating leases, purchase obligations, dividends paid, share-based compensation, depreciation, capital "
    "expenditure, emissions, energy use, passengers, births, deaths, exports, imports, visitors, members"
)

PLAIN = """
lose|lost|lost|ships, soldiers, games, customers, votes, aircraft, seats
build|built|built|bridges, towers, houses, roads, ships, power stations
keep|kept|kept|goats, hens, records, bees, horses, diaries
eat|ate|eaten|apples, fish, eggs, cakes, loaves
sell|sold|sold|cars, tickets, shares, carpets, books, licences
find|found|found|coins, mistakes, fossils, letters, faults
write|wrote|written|letters, novels, reports, songs, reviews
buy|bought|bought|paintings, factories, tractors, islands, newspapers
recommend|recommended|recommended|bans, reforms, tests, lower taxes, new rules
publish|published|published|papers, maps, accounts, guidelines, statistics
plant|planted|planted|trees, roses, vines, potatoes
close|closed|closed|schools, mines, branches, borders, hospitals
train|trained|trained|nurses, pilots, teachers, dogs, engineers
arrest|arrested|arrested|spies, smugglers, officials, students
produce|produced|produced|engines, films, vaccines, batteries, tonnes of steel
open|opened|opened|museums, offices, parks, stations, libraries
"""
BODIES = (
    "the keeper, the farmer, the school, the council, the museum, the team, the ministry, the cat, the family, the "
    "monks, the Romans, the teacher, the fleet, the committee, the university, the club, the queen, the settlers"
)
NUMBERS = "two, three, four, five, seven, nine, ten, twelve, twenty, a dozen, more than forty, about 300, some 2,000"
WHERE = "near the river, in Ulm, on the coast, in the old town, north of Riga, at the market, in the valley, in Peru"
WHY = "it was too old, the money ran out, the law required it, winter was near, nobody objected, prices had fallen"
MEASURED = (
    "the Ebro, the Volga, the Rhine, the Elbe, the Po, the Tagus, Mount Etna, Lake Ladoga, the old bridge, the new "
    "tower, the north tunnel, the Gotthard line, the cathedral, Fort Hare, the Aral canal, the lighthouse, the Saale"
)
MEASURES = """
long|kilometres long
long|miles long
high|metres high
old|years old
wide|metres wide
deep|metres deep
heavy|tonnes in weight
large|square kilometres in area
far|kilometres from the coast
"""


@dataclass(frozen=True, slots=True)
class Made:
    """A question with the sentence that answers, one that does not, and what stands before them."""

    kind: str
    question: str
    right: str
    wrong: str
    before: str = ""


class Maker:
    """Draws names and words."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.verbs = [line.split("|") for line in VERBS.strip().splitlines()]
        self.converse = [line.split("|") for line in CONVERSE.strip().splitlines()]
        self.deeds = [line.split("|") for line in DEEDS.strip().splitlines()]
        self.opposed = [line.split("|") for line in OPPOSED.strip().splitlines()]
        self.compared = [pair.split() for pair in COMPARED.split(", ")]
        self.states = [pair.split(" ", 1) for pair in STATES.split(", ")]

    def role(self) -> Made:
        """Who does what to whom, said actively or passively."""
        base, past, participle, kinds = self.draw.choice(self.verbs)
        kind = self.draw.choice(kinds.split())
        one, other = self.names(kind, 2)
        was = "were" if kind in PLURAL else "was"

        def said(actor: str, patient: str) -> str:
            forms = (
                f"{actor} {past} {patient}",
                f"{actor} {past} {patient}",
                f"{patient} {was} {participle} by {actor}",
                f"it was {actor} that {past} {patient}",
                f"{actor}, not {patient}, began it and {past} {patient}",
                f"{actor} had long planned to {base} {patient}, and did",
            )
            return self.sentence(self.draw.choice(forms))

        return Made("role", self._asked(kind, base, past, participle, (one, other)), said(one, other), said(other, one))

    def converse_role(self) -> Made:
        """The same told from the other side."""
        base, past, back, back_past, kinds = self.draw.choice(self.converse)
        kind = self.draw.choice(kinds.split())
        one, other = self.names(kind, 2)
        if self.draw.random() < 0.5:
            base, past, back_past, one, other = back, back_past, past, other, one
        right = self.draw.choice((f"{one} {past} {other}", f"{other} {back_past} {one}", f"{other} {back_past} {one}"))
        wrong = self.draw.choice((f"{other} {past} {one}", f"{one} {back_past} {other}"))
        return Made("role", self._asked(kind, base, past, "", (one, other)), self.sentence(right), self.sentence(wrong))

    def compared_role(self) -> Made:
        """Who is more than whom."""
        more, less = self.draw.choice(self.compared)
        kind = self.draw.choice(["person", "country", "company", "animal"])
        one, other = self.names(kind, 2)
        verb, noun = ("are", "are") if kind in PLURAL else ("is", "is")
        question = self.draw.choice(
            (f"{verb.capitalize()} {one} {more} than {other}?", f"{WHICH[kind]} {noun} {more} than {other}?")
        )
        right = self.draw.choice((f"{one} {verb} {more} than {other}", f"{other} {verb} {less} than {one}"))
        wrong = self.draw.choice((f"{other} {verb} {more} than {one}", f"{one} {verb} {less} than {other}"))
        return Made("role", question, self.sentence(right), self.sentence(wrong))

    def negation(self) -> Made:
        """Who did it, and who did not."""
        kind = self.draw.choice(["country", "company", "person"])
        (one,) = self.names(kind, 1)
        if self.draw.random() < 0.35:
            yes, no = self.draw.choice(self.opposed)
            if self.draw.random() < 0.5:
                yes, no = no, yes
            return Made(
                "negation", f"{WHICH[kind]} {yes}?", self.sentence(f"{one} {yes}"), self.sentence(f"{one} {no}")
            )
        base, past, participle = self.draw.choice(self.deeds)
        did = self.sentence(
            self.draw.choice(
                (f"{one} {past}", f"{one} did {base}", f"{one} has {participle}", f"{one} was among those who {past}")
            )
        )
        did_not = self.sentence(
            self.draw.choice(
                (
                    f"{one} did not {base}",
                    f"{one} refused to {base}",
                    f"{one} never {past}",
                    f"{one} failed to {base}",
                    f"{one} has yet to {base}",
                    f"{one} declined to {base}",
                    f"{one} has not {participle}",
                    f"{one} was the only one that did not {base}",
                )
            )
        )
        if self.draw.random() < 0.5:
            return Made(
                "negation",
                self.draw.choice((f"{WHICH[kind]} {past}?", f"{WHICH[kind]} has {participle}?")),
                did,
                did_not,
            )
        asked = (
            f"{WHICH[kind]} did not {base}?",
            f"{WHICH[kind]} refused to {base}?",
            f"{WHICH[kind]} has not {participle}?",
        )
        return Made("negation", self.draw.choice(asked), did_not, did)

    def denial(self) -> Made:
        """Whether somebody does it: that they do not is an answer, too; what others do or do not do is none."""
        if self.draw.random() < 0.4:
            return self._undone()
        base, past, participle, kinds = self.draw.choice(self.verbs)
        kind = self.draw.choice(kinds.split())
        one, other = self.names(kind, 2)
        does, has = ("do", "have") if kind in PLURAL else ("does", "has")
        question = self.draw.choice(
            (f"{does.capitalize()} {one} {base} {other}?", f"{has.capitalize()} {one} {participle} {other}?")
        )
        no = (
            f"{one} {does} not {base} {other}",
            f"{one} {has} never {participle} {other}",
            f"no, {one} {does} not {base} {other}",
            f"under their agreement, {one} may not {base} {other}",
            f"{one} agreed not to {base} {other}",
            f"{other} {has} never been {participle} by {one}",
        )
        aside = (
            f"{other} {past} {one}",
            f"{other} {does} not {base} {one}",
            f"{one} and {other} met in {self.year()}",
            self.definition(kind, one),
        )
        return Made("denial", question, self.sentence(self.draw.choice(no)), self.sentence(self.draw.choice(aside)))

    def _undone(self) -> Made:
        kind = self.draw.choice(["country", "company", "person", "agency"])
        one, other = self.names(kind, 2)
        base, past, participle = self.draw.choice(self.deeds)
        question = self.draw.choice((f"Did {one} {base}?", f"Has {one} {participle}?"))
        no = (f"{{}} did not {base}", f"{{}} has not {participle}", f"{{}} refused to {base}", f"{{}} never {past}")
        said = self.draw.choice(no)
        aside = self.draw.choice((said.format(other), f"{other} {past}", self.definition(kind, one)))
        return Made("denial", question, self.sentence(said.format(one)), self.sentence(aside))

    def subject(self) -> Made:
        """What somebody does, beside a sentence that only says who they are."""
        base, past, participle, kinds = self.draw.choice(self.verbs)
        kind = self.draw.choice(kinds.split())
        one, other = self.names(kind, 2)
        question = self._asked(kind, base, past, participle, (one, other))
        was = "were" if kind in PLURAL else "was"
        right = self.draw.choice((f"{one} {past} {other}", f"{other} {was} {participle} by {one}"))
        about = self.definition(kind, self.draw.choice((one, other)))
        return Made("subject", question, self.sentence(right), self.sentence(about, plain=True))

    def plain(self) -> Made:
        """A plain question of any kind about one deed, told in any form, beside another's deed, or another deed."""
        base, past, participle, *things = self.draw.choice([line.split("|") for line in PLAIN.strip().splitlines()])
        kind = self.draw.choice(["country", "company", "person", "agency"])
        one, other = self.names(kind, 2)
        if self.draw.random() < 0.4:
            one, other = self.draw.sample(BODIES.split(", "), 2)
        thing, another = self.draw.sample(things[0].split(", "), 2)
        count = self.draw.choice((str(self.draw.randint(2, 900)), *NUMBERS.split(", ")))
        where, when = self.draw.choice(WHERE.split(", ")), self.draw.choice((f"in {self.year()}", "in the war", ""))
        why = self.draw.choice(WHY.split(", "))
        asked = {
            f"How many {thing} did {one} {base}?": "count",
            f"How many {thing} were {participle} by {one}?": "count",
            f"how many {thing} has {one} {participle}": "count",
            f"What did {one} {base}?": "",
            f"Who {past} {count} {thing}?": "count",
            f"By whom were the {thing} {participle}?": "",
            f"Where did {one} {base} {thing}?": "where",
            f"Where were the {thing} {participle}?": "where",
            f"Why did {one} {base} {thing}?": "why",
            f"When did {one} {base} {thing}?": "when",
            f"When were {thing} {participle} by {one}?": "when",
        }
        question, told = self.draw.choice(list(asked.items()))
        if told == "when":
            when = f"in {self.year()}"

        def said(who: str, what: str) -> str:
            amount = f"{count} " if told == "count" or self.draw.random() < 0.3 else ""
            place = where if told == "where" or self.draw.random() < 0.2 else ""
            reason = f"because {why}" if told == "why" or self.draw.random() < 0.1 else ""
            rest = " ".join(each for each in (place, when, reason) if each)
            form = self.draw.choice(
                (
                    f"{who} {past} {amount}{what} {rest}",
                    f"{who} {past} {amount}{what} {rest}",
                    f"{amount}{what} were {participle} by {who} {rest}",
                    f"it was {who} that {past} {amount}{what} {rest}",
                    f"{rest}, {who} {past} {amount}{what}" if rest else f"{who} has {participle} {amount}{what}",
                )
            )
            return self.sentence(form.strip(), plain=self.draw.random() < 0.7)

        wrong = self.draw.choice(
            (
                said(other, another),
                said(other, thing) if one in question else said(one, another),
                f"{one[:1].upper()}{one[1:]} met {other} {where}.",
                self.sentence(f"{one} {past} nothing else", plain=True) if told else said(other, another),
            )
        )
        return Made("plain", question, said(one, thing), wrong)

    def described(self) -> Made:
        """Who or what somebody is, beside what they did, or what another is."""
        kind = self.draw.choice(list(DEFINITIONS))
        one, other = self.names(kind, 2)
        _base, past, *_ = self.draw.choice([verb for verb in self.verbs if kind in verb[3].split()])
        verb = "are" if kind in PLURAL else "is"
        question = f"{'Who' if kind == 'person' else 'What'} {verb} {one}?"
        wrong = self.draw.choice((f"{other} {past} {one}", self.definition(kind, other)))
        return Made("subject", question, self.sentence(self.definition(kind, one), plain=True), self.sentence(wrong))

    def measure(self) -> Made:
        """How long, old or large something is, beside how long another is, or another measure of it."""
        one, other = self.draw.sample(MEASURED.split(", "), 2)
        (asked, unit), (_, another) = self.draw.sample([line.split("|") for line in MEASURES.strip().splitlines()], 2)
        number = self._amount().lstrip("$")
        said = self.draw.choice(("{} is {} {}", "{} is about {} {}", "at {1} {2}, {0} is among the first of its kind"))
        right = said.format(one, number, unit)
        wrong = self.draw.choice((said.format(other, number, unit), said.format(one, number, another)))
        question = self.draw.choice((f"How {asked} is {one}?", f"how {asked} is {one}", f"{one}: how {asked}?"))
        return Made("name", question, self.sentence(right, plain=True), self.sentence(wrong, plain=True))

    def definition(self, kind: str, name: str) -> str:
        """Who or what somebody is."""
        verb = "are" if kind in PLURAL else "is"
        what = self.draw.choice(DEFINITIONS[kind].split(", "))
        return f"{name} {verb} {what}".replace("YEAR", self.year())

    def state(self) -> Made:
        """What is so, and what is not."""
        thing, place = self.draw.choice(THINGS.split(", ")), self.draw.choice(PLACES.split(", "))
        yes, no = self.draw.choice(self.states)
        if self.draw.random() < 0.5:
            yes, no = no, yes
        verb = "are" if thing.endswith("s") and not thing.startswith("the ") else "is"
        opposite = self.draw.choice((f"{verb} {no}", f"{verb} not {yes}"))
        question = self.draw.choice((f"What is {yes} {place}?", f"Which things are {yes} {place}?"))
        if self.draw.random() < 0.3:
            return Made(
                "negation",
                f"What is not {yes} {place}?",
                self.sentence(f"{thing} {opposite} {place}"),
                self.sentence(f"{thing} {verb} {yes} {place}"),
            )
        return Made(
            "negation",
            question,
            self.sentence(f"{thing} {verb} {yes} {place}"),
            self.sentence(f"{thing} {opposite} {place}"),
        )

    def name(self) -> Made:
        """What somebody did, and another."""
        kind = self.draw.choice(["country", "company", "person", "agency"])
        one, other = self.names(kind, 2)
        base, past, participle = self.draw.choice(self.deeds)
        year = self.year()
        question = self.draw.choice(
            (f"When did {one} {base}?", f"Did {one} {base}?", f"Why did {one} {base}?", f"Has {one} {participle}?")
        )
        form = self.draw.choice(
            ("{who} {past} in {year}", "in {year} {who} {past} to end the quarrel", "{who} {past} because of the costs")
        )
        if question.startswith(("When", "Why")):
            form = "{who} {past} in {year}" if question[:4] == "When" else "{who} {past} because of the costs"
        right, wrong = (self.sentence(form.format(who=who, past=past, year=year)) for who in (one, other))
        return Made("name", question, right, wrong)

    def year_of(self) -> Made:
        """What was in one year, and in another."""
        kind = self.draw.choice(["country", "company", "person"])
        one, other = self.names(kind, 2)
        past = self.draw.choice([verb for verb in self.verbs if kind in verb[3].split()])[1]
        year = self.year()
        wrong = str(int(year) + self.draw.choice([-12, -10, -4, -3, -2, -1, 1, 2, 3, 5, 9]))
        question = self.draw.choice(
            (f"{WHICH[kind]} {past} {other} in {year}?", f"{one} {past} {year}", f"What happened to {other} in {year}?")
        )
        form = self.draw.choice(
            (
                f"in {{year}}, {one} {past} {other}",
                f"{one} {past} {other} in {{year}}",
                f"{{year}} was the year in which {one} {past} {other}",
            )
        )
        return Made("year", question, *(self.sentence(form.format(year=each), plain=True) for each in (year, wrong)))

    def interval(self) -> Made:
        """What somebody did in a year that lies within years, beside what they did in others."""
        base, past, asks, places = self.draw.choice([line.split("|") for line in HELD.strip().splitlines()])
        (one,) = self.names("person", 1)
        here, there = self.draw.sample(places.split(", "), 2)
        start = self.draw.randint(1900, 2005)
        middle = start + self.draw.randint(2, 8)
        later = middle + self.draw.randint(1, 2)
        spans = [(start, middle), (later, later + self.draw.randint(2, 8))]
        self.draw.shuffle(spans)
        (first, last), other = spans
        year = self.draw.randint(first + 1, last - 1)
        when = self.draw.choice((f"in {year}", f"in {year}", f"from {first} to {last}", f"between {first} and {year}"))
        form = self.draw.choice(
            (
                "From {0} to {1} {one} {past} {place}",
                "{one} {past} {place} from {0} to {1}",
                "{one} {past} {place} between {0} and {1}",
                "{one} {past} {place} ({0}–{1})",
                "{one} first {past} {place} in {0} and stayed until {1}",
            )
        )
        right, wrong = (
            self.sentence(form.format(*years, one=one, past=past, place=place), plain=True)
            for years, place in (((first, last), here), (other, there))
        )
        return Made("year", f"{asks} did {one} {base.removesuffix(' at')} {when}?", right, wrong)

    def figure(self) -> Made:
        """A figure of one kind and year beside another kind's, as a row of a table or in a sentence."""
        metric, other = self.draw.sample(METRICS.split(", "), 2)
        last = self.draw.randint(1995, 2023)
        years = [last, last - 1, last - 2]
        year = self.draw.choice(years)
        (one,) = self.names("company", 1)
        question = self.draw.choice(
            (
                f"What was the {metric} in {year}?",
                f"What were {one}'s {metric} in {year}?",
                f"How much did {one} report as {metric} for {year}?",
                f"{metric} {year}",
                f"What is the value of {metric} for {year}?",
            )
        )
        if self.draw.random() < 0.7:
            unit = self.draw.choice(("(In thousands)", "", "Year ended 31 December", "$ million"))
            header = " | ".join([unit, *map(str, years)])
            return Made("figure", question, self._row(metric), self._row(other), header)
        text = f"{{}} {{}} was {self._amount()} in {{}}, compared with {self._amount()} a year before"
        right = self.sentence(text.format(f"{one}'s", metric, year), plain=True)
        wrong = (text.format(f"{one}'s", other, year), text.format(f"{one}'s", metric, year - 5))
        return Made("figure", question, right, self.sentence(self.draw.choice(wrong), plain=True))

    def _row(self, label: str) -> str:
        return " | ".join([label[:1].upper() + label[1:], *(self._amount() for _ in range(3))])

    def _amount(self) -> str:
        value = self.draw.choice((self.draw.randint(2, 900), self.draw.randint(1_000, 99_999)))
        return self.draw.choice((f"{value:,}", f"${value:,}", f"{value / 10:,.1f}"))

    def names(self, kind: str, count: int) -> list[str]:
        """Different names of a kind."""
        return self.draw.sample(LISTS[kind], count)

    def year(self) -> str:
        """A year."""
        return str(self.draw.randint(1890, 2024))

    def sentence(self, said: str, *, plain: bool = False) -> str:
        """What is said as a sentence, at times with something before and after it."""
        opening = "" if plain else self.draw.choice(OPENINGS).format(year=self.year())
        text = opening + said + self.draw.choice(ENDINGS)
        return text[:1].upper() + text[1:] + "."

    def _asked(self, kind: str, base: str, past: str, participle: str, names: Sequence[str]) -> str:
        one, other = names
        was, does = ("were", "Do") if kind in PLURAL else ("was", "Does")
        asked = [
            f"{does} {one} {base} {other}?",
            f"Did {one} {base} {other}?",
            f"{WHICH[kind]} {past} {other}?",
            f"{WHICH[kind]} did {one} {base}?" if kind != "person" else f"Whom did {one} {base}?",
            f"{one} {past} {other}?",
        ]
        if participle:
            asked += [
                f"{WHICH[kind]} {was} {participle} by {one}?",
                f"{was.capitalize()} {other} {participle} by {one}?",
            ]
        return self.draw.choice(asked)


def relations(draw: random.Random, count: int) -> Iterator[Example]:
    """So many examples of each maker."""
    maker = Maker(draw)
    for make in (
        maker.role,
        maker.role,
        maker.converse_role,
        maker.compared_role,
        maker.negation,
        maker.negation,
        maker.denial,
        maker.denial,
        maker.subject,
        maker.state,
        maker.name,
        maker.year_of,
        maker.interval,
        maker.figure,
        maker.described,
        maker.measure,
        maker.plain,
        maker.plain,
    ):
        for _ in range(count):
            made = make()
            yield Example(
                source=f"relations-{made.kind}",
                question=made.question,
                before=made.before,
                sentences=(made.right, made.wrong),
                labels=(1, 0),
            )
