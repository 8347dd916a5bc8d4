"""Whether a sentence hangs on the one before it: it opens with "this", "he", "none of those", "however", or the like.

Only what can be told by its words is told, by rule. What is resolved within the sentence ("Although he was ill, Smith
…"), stands for nothing ("It is clear that …") or points at the text itself ("this report", "this year") does not count.
English has rules of its own; other languages have small tables of openings, and of exceptions to them. Pure.
"""

import re
from collections import Counter
from dataclasses import dataclass

# What a sentence may begin with before its first word: quotation marks, brackets, marks of emphasis.
_BEFORE_WORDS = r"[\s\"'“”„‚‘’«»‹›(\[*_>]*"
_MIN_LETTERS = 3

# English

_TIME = (
    "year|month|week|quarter|decade|century|morning|afternoon|evening|night|time|moment|season|spring|summer|autumn"
    "|winter"
)
_TEXT = (
    "report|paper|study|document|section|chapter|article|book|booklet|page|table|figure|guide|manual|text|note|website"
    "|site|analysis|appendix|annex|review|volume|essay|thesis|survey|brochure|handbook|edition|issue|question|contract"
    "|agreement|policy|licence|license|act|regulation|directive|form|notice|tutorial|package|module|repository|file"
)
# "This report" points at what one reads. "This agreement" may as well, but within the agreement alone.
_POINTING = re.compile(
    rf"(?:this|these)\s+(?:[a-z][a-z-]+\s+){{0,2}}(?:(?:{_TIME}|days)s?\b|(?:{_TEXT})s?\b(?!\s+of\b))"
    rf"|those (?:who|whom|whose"
    rf"|which|that|with|in|of|on|without|to|from|at|for|under)\b"
    r"|such as\b|that (?:the|a|an|he|she|they|we|you|i|it|there|these|those|this|some|all|no|many)\b",
    re.I,
)
_VERB = (
    r"(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|shall|should|does|do|did|means?|meant"
    r"|includes?"
    r"|included|makes?|made|leads?|led|shows?|showed|gives?|gave|takes?|took|becomes?|became|remains?|applies|applied"
    r"|happens?|happened|explains?|requires?|allows?|allowed|began|ended|came|went|said|\w+ed|isn[’']t|wasn[’']t"
    r"|doesn[’']t|didn[’']t|hasn[’']t|won[’']t|[’']s|,)"
)
_OF_THEM = r"of\s+(?:them|these|those|which|whom|this|that|it)\b(?!\s+(?:who|which|that|in|with|of|from|to|on|at)\b)"
_QUANTITY = (
    r"none|one|two|three|four|five|several|some|many|most|all|each|both|half|few|a few|part|much|neither|either|any|the"
    r" (?:first|second|third|last|rest|majority|latter|former|most important)"
)
_GROUP = (
    "countries|sides|parties|men|women|leaders|companies|states|nations|presidents|governments|services|groups|brothers"
    "|sisters|agencies|organi[sz]ations|powers|neighbou?rs|armies|teams|firms|banks|ministers|families|cases|systems"
    "|methods|approaches|models|cities|towns|ships|programs|programmes|projects|years"
)
_CONNECTIVE = (
    "but|however|yet|nevertheless|nonetheless|instead(?! of)|otherwise|conversely|on the contrary|in contrast"
    "|by contrast|still,"
    "|even so|that said|therefore|thus|hence|consequently|accordingly|as a result[,;]|as a consequence[,;]"
    "|for (?:this|that|these|those) reasons?|in other words|for example|for instance|similarly|likewise|in turn,|if so"
    "|if not,|not so|nor|neither (?:did|does|do|is|was|are|were|has|have|had|will|would|can|could)\\b|so (?:did|does"
    "|do)\\b"
    "|in that case|in this case|in either case|in both cases|on the other hand|worse|or else|rather,"
    "|then again|to this end|to that end|as such,|by then|until then|since then|after that|before that|thereafter"
    "|thereby"
    "|thereupon|the reverse|the opposite|the same (?:is|was|are|were|goes|holds|applies|applied|happened|can|could"
    "|would)"
)
_PREPOSITION = (
    r"in addition to|instead of|as part of|as a result of|because of|due to|in line with|in response to|thanks to"
    r"|based on"
    r"|according to|on top of|in spite of|apart from|along with|as of|in the course of|as for|given|in|on|at|for|by"
    r"|with"
    r"|from|after|before|during|despite|under|through|throughout|as|to|of|since|until|following|without|among|between"
    r"|unlike|like|against|about|above|beyond|behind|per|via|within"
)
_ENGLISH = re.compile(
    rf"(?:(?:he|she|they|him|her|his|hers|their|theirs|them|its)\b(?![’'])|(?:he|she|they)[’']\w+"
    rf"|it\b|it[’']s\b|this\b|these\b|those\b|(?:that|that[’']s)\s+{_VERB}\b|that[’']s\b"
    rf"|that\s+(?!one\b)(?-i:[a-z]+)\s+{_VERB}"
    rf"|such\b(?!\s+(?-i:[A-Z]))|the latter\b|the former(?:,|\s+{_VERB})"
    rf"|(?:{_QUANTITY})\s+{_OF_THEM}|both\s+(?!of\b)(?-i:[a-z]+)|both,|neither\s+{_VERB}|neither\s+(?-i:[a-z]+)\s+{_VERB}"
    rf"|others\b|another\s+(?:reason|example|factor|problem|option|way|aspect|possibility|one|such)\b"
    rf"|the (?:two|three|four|five|other two)\s+(?:{_GROUP})\b|(?:{_CONNECTIVE})(?![\w’'-])"
    rf"|(?:{_PREPOSITION})\s+(?:this|these|that|those|such|his|her|their|its|doing so|which)\b(?!\s+(?:the|a|an|we"
    rf"|you)\b)"
    # "In 1990, he …", "By the end of the war they …": nothing but small letters and numbers before the pronoun.
    rf"|(?:{_PREPOSITION})\s+(?:(?:the|a|an|early|late|mid)\s+)*(?:(?-i:[a-z\d])[\w-]*|January|February|March|April|May"
    rf"|June|July"
    rf"|August|September|October|November|December)(?:\s+(?:of|the|[a-z]+|\d+)){{0,3}},?\s+(?:he|she|they|it|these"
    rf"|this)\s+{_VERB})",
    re.I,
)
_ADJECTIVE = (
    "clear|unclear|likely|unlikely|possible|impossible|important|necessary|unnecessary|difficult|hard|easy|easier"
    "|harder"
    "|essential|evident|obvious|true|worth|common|uncommon|usual|unusual|rare|certain|uncertain|plain|apparent|probable"
    "|improbable|better|best|good|bad|useful|useless|crucial|vital|critical|noteworthy|notable|remarkable|surprising"
    "|interesting|striking|natural|normal|safe|dangerous|wrong|right|fair|reasonable|conceivable|doubtful|questionable"
    "|inevitable|doubtless|advisable|preferable|tempting|no wonder|no surprise|no secret|no accident|no coincidence"
    "|time"
    "|imperative|desirable|enough|too early|too late|up to|customary|mandatory|permitted|forbidden|allowed|legal"
    "|illegal"
    "|premature|unsurprising|telling|sufficient|helpful|customary|understandable|well known|widely known|also"
)
_REPORTED = (
    "said|believed|reported|estimated|expected|hoped|assumed|thought|known|noted|argued|claimed|considered|understood"
    "|recommended|suggested|agreed|decided|shown|found|stressed|emphasi[sz]ed|remembered|recalled|concluded|alleged"
    "|proposed|acknowledged|recogni[sz]ed|established|proven|proved|presumed|feared|announced|mentioned|added|rumou?red"
)
_BE = (
    r"(?:is|was|[’']s|has been|had been|will be|would be|may be|might be|can be|could be|should be|must be|seems|seemed"
    r"|appears|appeared|remains|remained|becomes|became|looks|looked|need not be|cannot be|proved|is not|was not"
    r"|isn[’']t"
    r"|wasn[’']t|being)"
)
# "It" that stands for nothing, or for what follows.
_EMPTY_IT = re.compile(
    rf"it\s*(?:{_BE}\s+(?:\w+ly\s+|very\s+|not\s+|also\s+|still\s+|now\s+|therefore\s+|thus\s+|often\s+|quite\s+"
    rf"|so\s+|more\s+)*"
    rf"(?:(?:{_ADJECTIVE})\b|an? (?:\w+ )?(?:misconception|mistake|pity|shame|fact|matter|question|myth|truism"
    rf"|cliché|sign|wonder|secret)\b|(?:{_REPORTED})\b[^.]{{0,40}}\bthat\b)"
    # A cleft: "It is the GRU that fills the gap", "It was in 1992 that …".
    rf"|{_BE}\s+(?:not |only |precisely |exactly )*(?:(?:the|this|these|our|their|his)\s+(?!(?:first|last|only|largest"
    rf"|biggest|most|oldest|second|third|best|main|same)\b)|in|on|at|by|through|because|from|for|under|(?-i:[A-Z0-9“\"]))"
    rf"[^.,;]{{0,80}}?\s(?:that|who|which|whom)\b"
    rf"|(?:seems|seemed|appears|appeared|turns out|turned out|follows|happens|happened|remains"
    rf"|appears)\s+(?:to \w+ )?(?:that|as if|as though|to be seen)\b"
    rf"|(?:takes|took|would take|will take|may take|might take|costs|cost)\s|(?:rains|rained|snows|snowed)\b"
    rf"|(?:goes without|should be (?:noted|remembered|stressed|emphasi[sz]ed)|must be (?:noted|remembered|stressed)"
    rf"|can be (?:seen|said|argued|concluded)|has (?:often )?been (?:{_REPORTED}))\b)",
    re.I,
)
_IT = re.compile(r"\bit\b", re.I)
_PERSON = re.compile(r"\b(?:he|she|him|his|her)\b", re.I)
_NAME = re.compile(
    r"(?<![\w’'])[A-Z][\w’'-]*[a-z]|\b(?:man|woman|boy|girl|king|queen|president|minister|chairman|mother|father|son"
    r"|daughter|wife|husband|author|\w+er|\w+or|\w+ist|\w+ian|person|child|student|patient|one|who|officer|spy|agent"
    r"|member|everyone|anyone|nobody|someone)s?\b"
)
_OPENS_CLAUSE = re.compile(
    rf"(?:although|though|while|when|after|before|because|since|as|if|once|whereas|until|even|despite|besides"
    rf"|(?:{_PREPOSITION}))\b",
    re.I,
)
_SMALL_WORD = re.compile(
    rf"(?:although|though|while|when|after|before|because|since|if|once|whereas|until|even|now|then|there|here|today"
    rf"|later"
    rf"|soon|why|how|what|where|according|asked|born|only|finally|eventually|again|the|a|an|and|or|also|meanwhile"
    rf"|recently"
    rf"|perhaps|not|no|yes|next|{_PREPOSITION})$",
    re.I,
)
# "They want it" and the like say who without a name.
_REACH = 90


def _hangs_in_english(sentence: str) -> bool:
    opening = _ENGLISH.match(sentence)
    if opening is None:
        return _names_nobody(sentence)
    it = _IT.search(opening.group())
    return not (
        _POINTING.match(sentence)
        or _points_after_preposition(sentence)
        or (it and _EMPTY_IT.match(sentence, it.start()))
        or _is_resolved(sentence, opening.group())
    )


def _points_after_preposition(sentence: str) -> bool:
    after = re.match(rf"(?:{_PREPOSITION})\s+(?=this\b|these\b|those\b|such\b|that\b)", sentence, re.I)
    return bool(after and _POINTING.match(sentence, after.end()))


def _is_resolved(sentence: str, opening: str) -> bool:
    """Whether the sentence itself says what its opening stands for."""
    first = opening.split()[0].casefold()
    if first == "neither":
        return " nor " in sentence
    if first == "both":
        return re.match(r"both\s+(?:\S+\s+){1,6}and\b", sentence, re.I) is not None
    # "Despite his illness, Smith …": who follows after the comma.
    if _PERSON.search(opening) and _OPENS_CLAUSE.match(opening):
        main = sentence.partition(",")[2].lstrip()
        return bool(re.match(r"(?:the\s+)?[A-Z][\w’'-]*[a-z]", main)) and not _PERSON.match(main)
    if first in _PREPOSITION.split("|") and re.search(r"\b(?:their|its)\b", opening, re.I):
        main = sentence.partition(",")[2].lstrip()
        return bool(main) and not re.match(r"(?:they|it|this|these|he|she)\b", main, re.I)
    return False


def _names_nobody(sentence: str) -> bool:
    """Whether "he" or "she" stands within a sentence that names nobody whom it may mean."""
    person = re.search(r"\b(?:he|she)\b", sentence)
    if person is None or person.start() > _REACH:
        return False
    before = sentence[: person.start()]
    first, _, rest = before.partition(" ")
    if _NAME.search(rest) or not (_SMALL_WORD.match(first.strip(",“”\"'(")) or not first):
        return False
    # "Although he was ill, Smith …"
    main = sentence[person.end() :].partition(",")[2].lstrip()
    return not (_OPENS_CLAUSE.match(sentence) and re.match(r"(?:the\s+)?[A-Z][\w’'-]*[a-z]", main))


# Other languages


@dataclass(frozen=True, slots=True)
class _Table:
    """Openings that hang on what stands before, exceptions, and common words that tell the language."""

    opens: re.Pattern[str]
    exempt: re.Pattern[str] | None
    common: frozenset[str]


def _table(opens: str, exempt: str = "", common: str = "", *, words: bool = True) -> _Table:
    end = r"(?![\w’'-])" if words else ""
    return _Table(
        re.compile(rf"(?:{opens}){end}", re.I),
        re.compile(rf"(?:{exempt})", re.I) if exempt else None,
        frozenset(common.split()),
    )


_GERMAN_VERB = (
    "ist|war|sind|waren|wird|wurde|wurden|hat|hatte|haben|bedeutet|führt|führte|gilt|galt|heißt|zeigt|zeigte|kann|soll"
    "|sollte|geschah|machte|macht|liegt|lag|betrifft|umfasst"
)
_TABLES = {
    "de": _table(
        rf"er|(?:sie|beide|das|die|der) (?:{_GERMAN_VERB})|sie|diese[rsmn]?|dies|jene[rsmn]?|solche[rsmn]?|(?:der"
        rf"|die|das) (?:letztere|erstere|beiden)n?"
        r"|letztere[rsmn]?|erstere[rsmn]?|ihre?[rsmn]?|seine?[rsmn]?|deren|dessen|dabei|dadurch|damit|dafür|dagegen"
        r"|daher"
        r"|deshalb|deswegen|daraus|darauf|darin|davon|dazu|danach|hierzu|hierbei|hierfür|dennoch|jedoch|aber|trotzdem"
        r"|stattdessen|allerdings|somit|folglich|außerdem davon|keine?[rs]? (?:von|der) (?:diesen|ihnen|beiden)"
        r"|(?:in|an|bei|mit|von|aus|nach|zu|für|durch|trotz|wegen|während) (?:diese[rsmn]?|jene[rsmn]?|ihre?[rsmn]?"
        r"|seine?[rsmn]?)",
        r"(?:(?:in|an|bei|mit|von|aus|nach|zu|für|während) )?diese[rsmn]? (?:jahr|bericht|abschnitt|kapitel|seite"
        r"|tabelle|abbildung|studie|woche|monat|dokument|artikel|text|arbeit|buch|tag)"
        r"|damit (?:die|der|das|sie|er|es)\b",
        "der die das und ist nicht ein eine von zu mit auf für dem den des im sich auch wird wurde werden sind",
    ),
    "fr": _table(
        r"il|elle|ils|elles|ce|cela|ceci|ça|cet|cette|ces|son|sa|ses|leur|leurs|celui-ci|celle-ci|ceux-ci|celles-ci"
        r"|mais"
        r"|cependant|toutefois|pourtant|néanmoins|donc|ainsi|en revanche|au contraire|par exemple|par conséquent"
        r"|aucune? (?:d['’](?:eux|elles)|de ces)|tous deux|toutes deux|ces derniers|(?:dans|à|avec|pour|par|sur"
        r"|après|avant|malgré|selon) (?:ce|cet|cette|ces|son|sa|ses|leur|leurs)|c['’](?:est|était)\b.*",
        r"il (?:y a|y avait|faut|fallait|s['’]agit|semble|existe|convient|reste|pleut|paraît|est (?:\w+ )?(?:que|de"
        r"|clair|possible|important|nécessaire|probable|difficile|évident|vrai|temps))"
        r"|c['’](?:est|était) .{1,80}\b(?:qui|que|qu['’])|ce (?:qui|que|qu['’]|sont)|ainsi que"
        r"|(?:dans |à |selon )?(?:ce|cet|cette|ces) (?:année|rapport|étude|mois|semaine|section|chapitre|article"
        r"|document|tableau|figure|page|jour|ouvrage)",
        "le la les des et est dans que une un du pour qui sur pas par plus sont avec au ce il elle",
    ),
    "es": _table(
        r"él|ella|ellos|ellas|esto|eso|ello|este|esta|estos|estas|ese|esa|esos|esas|aquel|aquella|su|sus|pero"
        r"|sin embargo"
        r"|no obstante|por (?:lo )?tanto|así|en cambio|por el contrario|por eso|por ello|por ejemplo"
        r"|ningun[oa] de (?:ell[oa]s|est[oa]s|es[oa]s)|ambos|ambas|dich[oa]s?|lo mismo|tampoco|(?:en|con|de|por|para"
        r"|a|tras|según|durante) (?:est[eao]s?|es[eao]s?|su|sus|ello|dich[oa]s?)",
        r"(?:en |de |durante )?est[eao]s? (?:año|informe|estudio|mes|semana|sección|capítulo|artículo|documento"
        r"|tabla|figura|página|día|trabajo|libro)|así como|esta(?:ba|r)",
        "el la los las de que y en un una es por con para del se no al lo como más su fue son",
    ),
    "it": _table(
        r"lui|lei|egli|ella|esso|essa|essi|esse|loro|questo|questa|questi|queste|quello|quella|quelli|quelle|ciò|suo"
        r"|sua|suoi"
        r"|sue|il suo|la sua|i suoi|le sue|il loro|la loro|ma|però|tuttavia|quindi|pertanto|perciò|invece|al contrario"
        r"|per esempio|ad esempio|nessuno di (?:loro|essi|questi)|entrambi|entrambe|tale|tali",
        r"quest[oaie] (?:anno|rapporto|relazione|studio|mese|settimana|sezione|capitolo|articolo|documento|tabella"
        r"|figura|pagina)|quell[oie]? che|ciò che",
        "il la di e che un una è per con del della non sono in le gli nel alla dei si come anche",
    ),
    "pt": _table(
        r"ele|ela|eles|elas|isto|isso|este|esta|estes|estas|esse|essa|esses|essas|aquele|aquela|seu|sua|seus|suas"
        r"|mas|porém"
        r"|contudo|no entanto|todavia|portanto|assim|pelo contrário|por isso|por exemplo|nenhum(?:a)? del[ea]s|ambos"
        r"|ambas|nest[ea]s?|ness[ea]s?|dest[ea]s?|dess[ea]s?|tal|tais",
        r"(?:n|d)?est[ea]s? (?:ano|relatório|estudo|mês|semana|seção|secção|capítulo|artigo|documento|tabela|figura"
        r"|página)|assim como",
        "o a os as de que e em um uma é do da por com para não se no na dos das ao mais foi são",
    ),
    "nl": _table(
        r"hij|zij|ze|dit|deze|dat (?:is|was|heeft|betekent|geldt|wordt|werd)|die (?:is|was|heeft)|zijn|haar|hun"
        r"|echter|maar|toch"
        r"|daarom|daardoor|daarbij|daarna|daarmee|hierdoor|hierbij|bovendien hiervan|geen van (?:hen|deze|beide)"
        r"|beide|in plaats daarvan|bijvoorbeeld|dus|zo'n",
        r"(?:dit|deze) (?:jaar|rapport|verslag|studie|maand|week|hoofdstuk|artikel|document|tabel|figuur|pagina)",
        "de het een van en is in dat op te niet met voor die zijn aan er ook als door bij werd wordt",
    ),
    "ru": _table(
        r"он|она|оно|они|это|этот|эта|эту|эти|этих|этого|этому|этой|этим|этими|его|её|ее|их|такой|такая|такое|такие"
        r"|таких"
        r"|однако|но|поэтому|тем не менее|например|таким образом|при этом|в то же время|оба|обе|никто из них"
        r"|ни одн[аоу]\w* из них|(?:в|на|с|по|из|для|о|об|к|от|после|до|при) (?:это[мтй]\w*|эти\w*|эт[ау]|них|нём"
        r"|нем|ней|него)|последни[йе] (?:из них|же)|первый же|там же",
        r"(?:в |на |за )?эт\w+ (?:год|отч[её]т|доклад|раздел|глав|стать|документ|таблиц|рисун|месяц|недел"
        r"|исследовани|книг)|это значит то",
        "и в не на что с по как из к для это от был его при также или она так были",
    ),
    "uk": _table(
        r"він|вона|воно|вони|це|цей|ця|цю|ці|цих|цього|його|її|їх|їхн\w+|такий|така|таке|такі|однак|але|проте|тому"
        r"|наприклад|таким чином|при цьому|обидва|обидві|ніхто з них|жоден з них",
        r"(?:у |в )?ц\w+ (?:р[іо]к|звіт|доповід|розділ|стат|документ|таблиц|місяц|тижн|дослідженн)",
        "і в не на що з та до як для це від був його при також або вона за були є",
    ),
    "cs": _table(
        r"on|ona|oni|ony|to (?:je|není|bylo|byl|znamená|znamenalo|zahrnuje|platí|vedlo|vede|ale|však)|tento|tato"
        r"|toto|tito|tyto|těchto|tomto|touto|tuto|toho|těmto"
        r"|jeho|její|jejich|takov[ýáéí]\w*|ale|avšak|přesto|proto|naopak|například|oba|obě|místo toho|žádn\w+ z nich"
        r"|nikdo z nich"
        r"|(?:v|na|s|po|z|pro|o|k|od|při|podle|za) (?:t[oěé]\w+|nich|něm|něho|ní)|\w+ však",
        r"(?:v |na |za |z )?t(?:ento|ato|oto|omto|ohoto|éto|uto) (?:rok|roce|roku|zpráv\w*|studi\w*|kapitol\w*"
        r"|oddíl\w*|článk\w*|článek|dokument\w*|tabul\w*|obráz\w*|měsíc\w*|týd\w*)|podle (?:toho|těch),? (?:kdo|co"
        r"|které)",
        "a v se na že je s z do o byl by ale jako za jsou by pro byla bylo také nebo kter",
    ),
    "pl": _table(
        r"on|ona|ono|oni|one|to (?:jest|nie|było|był|znaczy|oznacza|dotyczy)|ten|ta|te|ci|tego|tej|tych|tym|jego|jej"
        r"|ich|taki|taka|takie|jednak|ale|lecz|dlatego|natomiast|na przykład|oba|obie|żad\w+ z nich|nikt z nich|(?:w"
        r"|na|z|po|dla|o|przy) (?:t[ey]\w+|nich|nim|niej)",
        r"(?:w )?t\w+ (?:rok|roku|raport\w*|badani\w*|rozdzia\w*|artyku\w*|dokumen\w*|tabel\w*|miesi\w*|tydzie\w*)",
        "i w się na że jest z do nie o jak za są dla by był oraz lub która który po",
    ),
    "zh": _table(
        r"[他她它](?:们|們)?|这|這|此(?!外)|该|該|那(?!么|麼)|其中|其(?![他它余餘实實次])|但|然而|不过|不過|因此|所以|例如|比如|两者|兩者|前者|后者|後者|否则|否則|相反|对此"
        r"|對此|为此|為此",
        r"[这這此该該](?:份|一|个|個|本|篇)?(?:报告|報告|年|月|周|週|文|章|节|節|书|書|研究)|[这這]里|[这這]裡",
        words=False,
    ),
    "ja": _table(
        r"それ|これ|その|この|そこ|そう|こう|彼|彼女|しかし|だが|そのため|したがって|例えば|ただし|両者|前者|後者|ところが|でも|だから|つまり",
        r"この(?:報告|年|月|週|章|節|文書|論文|研究|本|表|図)|これまで|これから|それぞれ|その他",
        words=False,
    ),
    "ar": _table(
        r"[وف]?(?:هو|هي|هم|هن|هما|هذا|هذه|هؤلاء|ذلك|تلك|لكن|لكنه|لكنها|لذلك|كلاهما|كلتاهما)|[ولبكف]*(?:هذا|هذه|ذلك"
        r"|تلك)|غير أن|ومع ذلك|رغم ذلك|ومن ثم|على سبيل المثال",
        r"[ولبكف]*هذ[اه] (?:ال)?(?:عام|سنة|تقرير|دراسة|شهر|أسبوع|فصل|قسم|مقال|وثيقة|جدول|شكل)",
    ),
}  # fmt: skip
_ENGLISH_WORDS = (
    "the of and to in a is that for was on with as are by it be from not or which have this these they he she his its"
    " their such were has been"
)
_ENGLISH_COMMON = frozenset(_ENGLISH_WORDS.split())
# The languages that are told by their common words, and of each such word those that it is common in.
_LANGUAGES = ("en", *(name for name, table in _TABLES.items() if table.common))
_COMMON_IN: dict[str, list[str]] = {}
for _language in _LANGUAGES:
    for _common in _ENGLISH_COMMON if _language == "en" else _TABLES[_language].common:
        _COMMON_IN.setdefault(_common, []).append(_language)
_WORD = re.compile(r"[^\W\d_]+")
# Scripts that tell the language by themselves, with the characters that do.
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
)


def hangs(sentence: str, around: str = "") -> bool:
    """Whether a sentence hangs on the one before it; ``around`` is text beside it, to tell its language."""
    words = re.sub(rf"^{_BEFORE_WORDS}", "", sentence)
    if len(_WORD.findall(words)) < 1 or len(words) < _MIN_LETTERS:
        return False
    return any(_hangs_in(language, words) for language in _languages(f"{sentence}\n{around}"))


def _hangs_in(language: str, words: str) -> bool:
    if language == "en":
        return _hangs_in_english(" ".join(words.split()))
    table = _TABLES[language]
    return table.opens.match(words) is not None and not (table.exempt and table.exempt.match(words))


def only_connects(sentence: str) -> bool:
    """Whether an English sentence that hangs on another does so by "But" or "Therefore" alone, and is whole itself."""
    words = re.sub(rf"^{_BEFORE_WORDS}", "", sentence)
    return re.match(rf"(?:{_CONNECTIVE})(?![\w’'-])", words, re.I) is not None


def language_of(text: str) -> str:
    """The language of a text among those known here, "" if it cannot be told."""
    return next(iter(_languages(text)), "")


def _languages(text: str) -> list[str]:
    """The languages of which a text has most common words: several, if it is short."""
    letters = _WORD.findall(text)
    for language, script in _SCRIPTS:
        if letters and 3 * len(script.findall(text)) > sum(map(len, letters)):
            return [language]
    counts = Counter(name for word in letters for name in _COMMON_IN.get(word.casefold(), ()))
    most = max(counts.values(), default=0)
    return [name for name in _LANGUAGES if counts[name] == most] if most else []


# What takes back the sentence before it: "He got none of those things.", "This never happened.", "It was rejected."
_UNDONE = (
    "false|untrue|not true|not so|not the case|wrong|mistaken|failed|rejected|abandoned|cancell?ed|withdrawn|retracted"
    "|revoked|repealed|denied|dropped|overturned|refuted|disproved"
)
_TAKES_BACK = re.compile(
    r"\b(?:none|neither|nothing|not one|not all) of (?:this|that|these|those|them|it)\b"
    rf"|^(?:(?:but|however|yet|in fact),? )?(?:this|that|it|they|he|she|these|those)\b(?: \w+){{0,2}} (?:(?:was|were"
    rf"|is|are|has"
    rf"|have|had|been|later|since|all|both) )*(?:{_UNDONE})\b"
    r"|^(?:(?:but|however|yet),? )?(?:this|that|it|they|these|those)(?: \w+)? (?:never|did not|didn[’']t|has not"
    r"|have not"
    r"|had not|was never|were never|was not|were not) (?:be |been )?(?:happen|occur|come true|take place"
    r"|materiali[sz]e|built"
    r"|adopted|approved|implemented|carried out|accepted|met|fulfilled|reali[sz]ed|signed|ratified|confirmed|paid"
    r"|delivered)"
    r"|\b(?:nichts davon|keine[rs]? (?:davon|von ihnen)|aucune? d['’](?:entre )?(?:eux|elles)|rien de tout cela"
    r"|ningun[oa] de (?:ell[oa]s|est[oa]s|es[oa]s)|nada de eso|ни одн\w+ из них|ничего из этого|žádn\w+ z nich"
    r"|nic z toho)\b",
    re.I,
)
_MAX_DENIAL = 200


def takes_back(sentence: str) -> bool:
    """Whether a sentence takes back what the one before it says, so that neither should be read alone."""
    return len(sentence) <= _MAX_DENIAL and _TAKES_BACK.search(" ".join(sentence.split())) is not None
