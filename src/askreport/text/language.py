"""Text -> the language it is in: by its script, and where several share one, by their commonest words."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

# What is looked at of a long text: so many characters of its beginning, its middle and its end.
SAMPLE = 4_000
# A language is believed if so many different words of the text speak for it, and such a share of all its words.
MIN_WORDS = 2
MIN_SHARE = 0.15
# And another is as likely if it has nearly as much.
NEARLY = 0.8
# A character of these scripts says as much as so many letters.
_CHINESE, _SYLLABLES = 4, 2

# The commonest words of languages in Latin script, and those that questions are made of.
_LATIN = {
    "af": "die en van het is nie 'n wat vir sy dat hy met te aan deur ook was word hulle ons maar wie waar hoe baie",
    "az": "və bu bir ilə üçün olan də ki sonra edir idi kim nə harada necə hansı var onun daha isə qədər",
    "ca": "el la els les de del i que en per amb una és són va al com no ha més aquest seva qui què quan on quin quina "
    "quants fou segons",
    "cs": "a je se v na že s z do o který která které byl byla bylo jsou jako nebo pro podle jeho jsem také kdo kde "
    "kdy jak co kolik proč při ve ze od po ale by jaký jaká jaké tím",
    "cy": "y yr yn a i o ar mae oedd wedi ei bod gan am fel hefyd ond nid pwy beth pryd ble sut",
    "da": "og i at er en et af på til det den der med som for de ikke har var fra blev kan også efter ved om eller "
    "hvad hvem hvor hvornår hvilken hvilket hvordan hvorfor mellem mange sig men",
    "de": "der die das und ist in den von zu mit im für auf des dem nicht ein eine einer eines als auch sich an es "
    "werden wird war wurde sind oder bei nach wie was wer wo wann warum welche welcher welches haben hat aus",
    "en": "the of and in to a is was for on that with as by at from are were it its be this which or an not have has "
    "had what who when where why how did does do than their they he his but can will would there",
    "es": "el la los las de del que y en un una por con para se es al como su no más fue son o este esta entre qué "
    "quién cuándo dónde cómo cuál cuántos cuántas cuánto han sus pero",
    "et": "ja on ei see et ka oli mis kes kui oma või selle ta kus millal kuidas mida aga mitu ning üks aasta",
    "eu": "eta da du ez bat zen ere izan dira hau zuen baina dute baita nor zer non noiz nola zein izango",
    "fi": "ja on ei se että oli ovat hän myös mutta joka kuin tai sen mitä kuka missä milloin miten miksi mikä kuinka "
    "monta ole jotka sekä niin",
    "fr": "le la les de des du et en un une est que qui dans pour par sur au aux avec ce ne pas plus sont il elle se "
    "été ou mais comme son sa ses où quand comment pourquoi quel quelle quels quelles combien était cette",
    "ga": "an na agus i ar is a bhí go le tá do sé sin ag cé cad cathain conas raibh chun ó leis",
    "gl": "o a os as de do da que e en un unha por con para se é ao como súa non máis foi son ou este esta entre quen "
    "cando onde cal cantos dos das",
    "hr": "je i u na se da su za od koji koja koje što kao ili bio bila bilo nije s iz prema tko ko gdje kada kako "
    "koliko zašto pri sa o te ne može biti kojem",
    "hu": "a az és hogy nem is volt egy ez meg ki mi mikor hol hogyan melyik hány mint csak vagy de van már be azt "
    "által milyen után szerint voltak",
    "id": "yang dan di dari untuk dengan pada ini itu adalah dalam tidak ke oleh sebagai akan juga atau apa siapa "
    "kapan mana bagaimana berapa mengapa apakah telah bahwa karena",
    "is": "og að í á er sem var til við um með en það af fyrir ekki hún hann hver hvað hvenær hvar hvernig eru voru",
    "it": "il la le lo gli i di del della dei delle e che in un una per con è sono non si al alla come da dal dalla "
    "nel nella chi cosa quando dove perché quale quali quanto quanti ha anche più fu era",
    "la": "et in est non ad cum ut quod qui quae sed ex per a ab esse sunt si hoc etiam enim atque",
    "lt": "ir yra kad tai buvo su iš kaip į ne jis kas kada kur kodėl kuris kiek ar apie per bet už nuo jo arba",
    "lv": "un ir ka tas bija ar no kā uz ne viņš kas kad kur kāpēc kurš cik vai par bet pie to arī",
    "ms": "yang dan di dari untuk dengan pada ini itu ialah dalam tidak ke oleh sebagai akan juga atau apa siapa bila "
    "mana bagaimana berapa mengapa adakah telah bahawa kerana",
    "nl": "de het een en van in is dat op te zijn met voor niet aan er om ook als bij door maar was werd worden naar "
    "uit wat wie waar wanneer waarom welke hoe hoeveel heeft zich deze dit",
    "no": "og i at er en et av på til det den der med som for de ikke har var fra ble kan også etter ved om eller "
    "hva hvem hvor når hvilken hvilket hvordan hvorfor mellom mange seg men å",
    "pl": "i w na z do się nie to jest że o jak po był była było są od przez ale dla który która które oraz czy kto "
    "co gdzie kiedy dlaczego ile jaki jaka jakie za ich jego w",
    "pt": "o a os as de do da dos das que e em um uma por com para se é no na ao como seu sua não mais foi são ou "
    "este esta entre quem quando onde qual quais quantos quantas quanto pelo pela",
    "ro": "și de la în a că nu cu pe este un o din care ce mai pentru au fost sunt lui al ale prin sau dar cine când "
    "unde cum câte câți cât care dintre după",
    "sk": "a je sa v na že s z do o ktorý ktorá ktoré bol bola bolo sú ako alebo pre podľa jeho som tiež kto kde kedy "
    "čo koľko prečo pri vo zo od po ale by aký aká aké",
    "sl": "je in v na se da so za od ki kot ali bil bila bilo ni s iz po kdo kje kdaj kako kaj koliko zakaj pri tudi "
    "ter med katera kateri pa",
    "sq": "dhe në e të i një që për me nga është ka nuk si kush çfarë kur ku pse cili sa më janë por ishte",
    "sv": "och i att är en ett av på till det den som med för de inte har var från blev kan också efter vid om eller "
    "vad vem när vilken vilket hur varför mellan många sig men",
    "sw": "ya na wa kwa ni katika la za cha kuwa hii pia au kama nani nini wapi lini vipi gani ambayo alikuwa yake",
    "tl": "ang ng sa na at mga ay ito para si hindi ni ano sino saan kailan paano bakit ilan may siya kung",
    "tr": "ve bir bu için ile da de olarak olan en çok daha ne kim nerede nasıl neden hangi kaç gibi kadar sonra "
    "değil var mi mı ise tarafından oldu olduğu",
    "vi": "là của và các có được trong cho không với những một này đã người để ở nào gì khi bao nhiêu từ ai đâu "
    "thế như tại vào về",
}
_CYRILLIC = {
    "be": "і ў на не з у што да як гэта ён быў была было яго для ад хто дзе калі чаму які якая якія колькі па або",
    "bg": "и на в за да се от с е са че не по до като си ще са при това кой коя кое къде кога как защо колко какво "
    "или беше след които която който",
    "kk": "және бұл бір мен үшін болып де да ол кім не қайда қашан қалай қандай қанша болды деп бар",
    "mk": "и на во за да се од со е не по до како при ова кој која кое каде кога зошто колку што или беше тоа сум "
    "се биле",
    "mn": "ба нь юм энэ бол тэр байна байсан хэн юу хаана хэзээ яаж ямар болон тухай дээр гэж",
    "ru": "и в не на что с по как это он она из у к за от для но же был была было были его или также кто где когда "
    "почему какой какая какие какое сколько при о об чем",
    "sr": "је и у на се да су за од који која које што као или био била било није с из према ко где када како "
    "колико зашто при са о те не",
    "uk": "і в не на що з по як це він вона із у до за від для але та був була було були його або також хто де коли "
    "чому який яка які яке скільки при про є",
}
_ARABIC = {
    "ar": "في من على إلى أن هذا هذه التي الذي كان كانت ما عن مع لا هو هي أو كما بين ثم متى أين كيف لماذا كم ماذا",
    "fa": "و در به از که این را با است برای آن یک خود تا بر بود شد چه کسی کجا چگونه چرا چند کدام های می شده",
    "ps": "د په او چې کې له دی ده سره هم یې څه چا کله چیرته څنګه",
    "ur": "کے کی میں کا ہے اور سے کو نے پر یہ کہ ہیں تھا تھے اس ایک کیا کون کب کہاں کیسے کیوں",
}
_DEVANAGARI = {
    "hi": "के में की है और से का को पर ने यह कि हैं था एक इस लिए क्या कौन कब कहाँ कैसे क्यों कितने किस किसने जो भी नहीं",
    "mr": "आणि आहे या च्या एक हा ही हे होते तो ती ते काय कोण कधी कुठे कसे का किती नाही व मध्ये म्हणून",
    "ne": "छ र को मा लाई हो यो पनि थियो एक के कसले कहिले कहाँ कसरी किन कति गरेको भएको छन्",
}
# The scripts of several languages, each with the words that tell them apart.
_SHARED = {"Latin": _LATIN, "Cyrillic": _CYRILLIC, "Arabic": _ARABIC, "Devanagari": _DEVANAGARI}
# Of languages with much the same words these are the less common ones.
_LESS_COMMON = "af az be bg ca cs da eu ga gl is kk la mk mn mr ms ne ps sk sl sq sr"
_SMALLER = frozenset(_LESS_COMMON.split())
# Letters that only some languages write: a word with one speaks for them.
_LETTERS = {
    "Latin": {
        "ß": "de", "ñ": "es gl eu", "ã": "pt", "õ": "pt et", "ș": "ro", "ț": "ro", "ă": "ro vi", "ő": "hu", "ű": "hu",
        "å": "sv da no", "æ": "da no is", "ø": "da no", "ł": "pl", "ż": "pl", "ś": "pl", "ę": "pl lt", "ř": "cs",
        "ě": "cs", "ů": "cs", "ľ": "sk", "ğ": "tr az", "ı": "tr az", "ə": "az", "ş": "tr az", "ð": "is", "þ": "is",
        "ė": "lt", "ų": "lt", "ā": "lv", "ē": "lv", "ļ": "lv", "ơ": "vi", "ư": "vi", "đ": "vi hr", "ế": "vi", "ạ": "vi",
        "ộ": "vi", "ć": "hr pl",
    },
    "Cyrillic": {
        "ы": "ru be kk mn", "э": "ru be mn", "ё": "ru be", "і": "uk be kk", "ї": "uk", "є": "uk", "ў": "be",
        "ј": "sr mk", "љ": "sr mk", "њ": "sr mk", "ћ": "sr", "ђ": "sr", "ѓ": "mk", "ќ": "mk", "ѕ": "mk", "ә": "kk",
        "қ": "kk", "ң": "kk", "ұ": "kk", "ө": "mn kk", "ү": "mn kk", "щ": "ru uk bg", "ъ": "bg",
    },
    "Arabic": {
        "ة": "ar", "أ": "ar", "إ": "ar", "ى": "ar", "پ": "fa ur", "چ": "fa ur", "ژ": "fa", "گ": "fa ur", "ٹ": "ur",
        "ڈ": "ur", "ڑ": "ur", "ے": "ur", "ں": "ur", "ہ": "ur", "ښ": "ps", "ړ": "ps", "ځ": "ps", "ګ": "ps",
    },
    "Devanagari": {"ळ": "mr"},
}  # fmt: skip
_ARABIC_ARTICLE = "ال"
# Where the letters of each script begin and end, in order, and the language of a script that only one has.
_BLOCKS = (
    (0x0370, 0x03FF, "el"),
    (0x0400, 0x052F, "Cyrillic"),
    (0x0530, 0x058F, "hy"),
    (0x0590, 0x05FF, "he"),
    (0x0600, 0x077F, "Arabic"),
    (0x0900, 0x097F, "Devanagari"),
    (0x0980, 0x09FF, "bn"),
    (0x0A00, 0x0A7F, "pa"),
    (0x0A80, 0x0AFF, "gu"),
    (0x0B00, 0x0B7F, "or"),
    (0x0B80, 0x0BFF, "ta"),
    (0x0C00, 0x0C7F, "te"),
    (0x0C80, 0x0CFF, "kn"),
    (0x0D00, 0x0D7F, "ml"),
    (0x0D80, 0x0DFF, "si"),
    (0x0E00, 0x0E7F, "th"),
    (0x0E80, 0x0EFF, "lo"),
    (0x0F00, 0x0FFF, "bo"),
    (0x1000, 0x109F, "my"),
    (0x10A0, 0x10FF, "ka"),
    (0x1100, 0x11FF, "ko"),
    (0x1200, 0x139F, "am"),
    (0x1780, 0x17FF, "km"),
    (0x1F00, 0x1FFF, "el"),
    (0x3040, 0x30FF, "ja"),
    (0x3400, 0x4DBF, "zh"),
    (0x4E00, 0x9FFF, "zh"),
    (0xAC00, 0xD7A3, "ko"),
    (0xFB50, 0xFDFF, "Arabic"),
    (0xFE70, 0xFEFE, "Arabic"),
)
_WORTH = {"zh": _CHINESE, "ja": _SYLLABLES, "ko": _SYLLABLES, "th": 1, "km": 1}
# A text with Chinese characters is Japanese if this share of both are syllables.
_SYLLABLES_IN_JAPANESE = 0.05
_OTHER = re.compile(r"[\u0370-\u1dff\u1f00-\u1fff\u3040-\uffff]")
_LATIN_LETTER = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")
_WORD = re.compile(r"[^\W\d_]+(?:[\u0900-\u0dff]+)*")

NAMES = {
    "af": "Afrikaans", "am": "Amharic", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian",
    "bn": "Bengali", "bo": "Tibetan", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "is": "Icelandic", "it": "Italian",
    "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "km": "Khmer", "kn": "Kannada", "ko": "Korean", "la": "Latin",
    "lo": "Lao", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian",
    "mr": "Marathi", "ms": "Malay", "my": "Burmese", "ne": "Nepali", "nl": "Dutch", "no": "Norwegian", "or": "Odia",
    "pa": "Punjabi", "pl": "Polish", "ps": "Pashto", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "si": "Sinhala", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish",
    "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian",
    "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


def language_of(text: str) -> str:
    """The language of a text, as its ISO 639-1 code; empty if it has too few words to tell."""
    return next(iter(languages_of(text)), "")


def languages_of(text: str) -> tuple[str, ...]:
    """The languages that a text may be in, the likeliest first: several where their words are much the same."""
    if len(text) > 3 * SAMPLE:
        middle = len(text) // 2
        text = "\n".join((text[:SAMPLE], text[middle : middle + SAMPLE], text[-SAMPLE:]))
    script = _script(text)
    if script in _SHARED:
        return _by_words(text, script)
    return (script,) if script else ()


def names(codes: Iterable[str]) -> list[str]:
    """The English names of languages by their codes, in order."""
    return [NAMES.get(code, code) for code in codes]


def _script(text: str) -> str:
    """The script that most of a text is in, or the language if it alone has that script; empty without letters."""
    counts: Counter[str] = Counter()
    latin = len(_LATIN_LETTER.findall(text))
    if latin:
        counts["Latin"] = latin
    for character, count in Counter(_OTHER.findall(text)).items():
        if script := _of_character(ord(character)):
            counts[script] += count * _WORTH.get(script, 1)
    if not counts:
        return ""
    if counts["ja"] / _SYLLABLES > _SYLLABLES_IN_JAPANESE * (counts["zh"] / _CHINESE + counts["ja"] / _SYLLABLES):
        counts["ja"] += counts.pop("zh", 0)
    return max(counts, key=lambda script: (counts[script], script))


def _of_character(code: int) -> str:
    return next((script for first, last, script in _BLOCKS if first <= code <= last), "")


def _by_words(text: str, script: str) -> tuple[str, ...]:
    """The languages of a script that most of a text's words speak for; a word of several languages says less."""
    counted = Counter(word.lower() for word in _WORD.findall(text))
    scores: defaultdict[str, float] = defaultdict(float)
    hits: Counter[str] = Counter()
    different: Counter[str] = Counter()
    for word, count in counted.items():
        languages = _KNOWN[script].get(word) or _of_letters(word, script)
        for language in languages:
            scores[language] += count / len(languages)
            hits[language] += count
            different[language] += 1
    ranked = sorted(scores, key=lambda language: (-scores[language], language in _SMALLER, language))
    if not ranked or different[ranked[0]] < MIN_WORDS or hits[ranked[0]] < MIN_SHARE * sum(counted.values()):
        return ()
    return tuple(language for language in ranked if scores[language] >= NEARLY * scores[ranked[0]])


def _of_letters(word: str, script: str) -> tuple[str, ...]:
    """The languages of the first letter of a word that not all languages of the script write."""
    if word.startswith(_ARABIC_ARTICLE):
        return ("ar",)
    letters = _LETTERS[script]
    return next((tuple(letters[letter].split()) for letter in word if letter in letters), ())


def _by_word(languages: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Each word with the languages that it is common in."""
    found: dict[str, set[str]] = {}
    for language, words in languages.items():
        for word in words.split():
            found.setdefault(word, set()).add(language)
    return {word: tuple(sorted(own)) for word, own in found.items()}


_KNOWN = {script: _by_word(languages) for script, languages in _SHARED.items()}
