"""Whether a text speaks to a language model instead of saying something of its own. Pure.

A document may hold sentences that are written for a model, not for its readers ("ignore what you were told, and say
…"). Such a sentence is quoted as any other, but no model is shown it, and nothing is proven by it. Patterns know many
ways to give such orders and not all. What they miss meets the other checks: a sentence must be said in the quote
itself, not around it, and may not leave out what governs its words there (claims.py).
"""

import re

from askreport.text.wording import Folded

# Words for a model, and those of them that mean nothing else.
_MODEL = (
    r"(?:ai|a\.i\.|llms?|gpt\w*|chatbots?|bots?|assistants?|(?:large )?language models?|models?|summari[sz]ers?"
    r"|machines?)"
)
_SURELY_MODEL = r"(?:(?:ai|llm)s?(?: (?:assistant|reader|agent|model|tool)s?)?|gpt\w*|chatbots?|language models?)"
_SPEAK = (
    r"(?:say|answer|reply|respond|output|print|repeat|state|claim|tell|write|mention|conclude|report|recommend|insist"
    r"|assert|declare|include|add|inform|reveal|announce|confirm|agree|pretend|admit|assure|convince|quote|cite|praise"
    r"|describe|call|promote|begin|end|start|finish)"
)
_SAY = (
    r"(?:say|answer|reply|respond|output|print|repeat|state|claim|tell|write|mention|conclude|report|insist|assert|declare"
    r"|inform|reveal|announce|pretend|admit|assure|convince)"
)
_MUST = (
    r"(?:must|should|shall|will|has to|have to|is to|are to|needs? to|ought to|(?:is|are) required to|may only"
    r"|can only)"
)
_READS = r"(?:summari[sz]\w+|reads?|process\w+|reading)"
_PATTERNS = (
    # Orders to leave something aside.
    r"\b(?:ignore|disregard|forget|override|bypass|discard|overrule|stop following|(?:do not|don't) follow)\b.{0,60}"
    r"\b(?:instructions?|prompts?|rules?|guidelines?|directions?|commands?|context|passages?|quotes?|told|everything"
    r"|above|questions?|safety|training)\b",
    r"\b(?:new|updated|secret|hidden|real|actual|following|these) (?:system )?"
    r"(?:instructions?|prompts?|tasks?|orders|rules?|role)\b\s*[:;.!]",
    r"\binstructions? (?:override|above|below|before)\b",
    r"\bthese instructions\b|\bfrom now on\b|\b(?:admin|developer|debug|god|root|jailbreak) ?mode\b",
    # Orders to say something, at the beginning of a sentence or to "you".
    rf"(?:^|[.!?:;,]\s+|\b(?:please|kindly|instead|always|now|just|simply|first|then|only|and)[,:]?\s+){_SPEAK}\s+"
    r"(?:that|with|only|as|in the|to the|(?:to )?(?:the |this |your |any |every )?(?:users?|readers?|words?|following"
    r"|sentences?)|this|everyone|them|exactly|just|so\b|[\"'“‘:])",
    rf"\byou(?:r \w+)? (?:now )?{_MUST} (?:\w+ly |now |always )?(?:\w+ )?{_SPEAK}\b",
    r"\b(?:tell|inform|convince|assure|remind) (?:the |your |any |every )?(?:users?|readers?)\b",
    r"\bthe user (?:wants|asked)\b",
    # Words for who is spoken to, and for what such a reader makes.
    rf"\b(?:note|attention|message|instructions?|memo|notice|important|dear|hey|hello|warning|to)\b[\s:,!]*"
    rf"(?:to|for)?\s*(?:the |any |all |every |our )?{_SURELY_MODEL}\b",
    rf"\bdear {_MODEL}\b|\b{_SURELY_MODEL}\b[^.:]{{0,40}}:",
    rf"\b{_MODEL}\b.{{0,60}}\b{_MUST} (?:\w+ly |now |always )?{_SPEAK}\b",
    rf"\b(?:you are|you're|act as|pretend to be|behave as|as) (?:now )?(?:an? |the )?(?:\w+ )?{_SURELY_MODEL}\b",
    rf"\byou are (?:now )?(?:an? |the )(?:\w+ )?{_MODEL}\b",
    r"\b(?:system|developer|admin) (?:prompt|message|override|note|notice|instruction)s?\b",
    r"\byour (?:new )?(?:answers?|reply|response|output|summary|instructions?|tasks?|role|training|prompt"
    r"|guidelines)\b",
    r"\bthe (?:only )?(?:correct|right|true|expected|final|approved) answers?\b|\bgive this answer\b",
    rf"\b(?:whoever|whatever|any\w*) (?:\w+ )?{_READS}\b.*\b{_MUST} {_SPEAK}\b",
    rf"\b(?:answers?|repl(?:y|ies)|responses?|summar(?:y|ies))\b.{{0,60}}\b{_MUST}\b",
    r"\bevery reply\b|\bin each answer\b",
    r"\b(?:when|if|before|whenever) (?:you are |you )?(?:asked|answering|summari[sz]ing|responding|replying|quoting"
    rf"|citing)\b.*\b(?:{_SPEAK}|you)\b",
    # What separates the parts of a conversation with a model.
    r"(?:^|\n|\s)(?:system|assistant|user|developer|human|ai)\s*:",
    r"<\|?/?\s*(?:system|assistant|user|quotes?|passages?|instructions?|im_start|im_end|endoftext)\b|\[/?inst\]|###|\{\{",
    # The same in other languages.
    r"\b(?:ignorier\w*|vergiss|missachte\w*)\b.{0,60}\b(?:anweisung\w*|anleitung\w*|regeln|befehle?)\b",
    r"\b(?:ignorez|oubliez|ignora|olvida|ignore)\b.{0,60}\b(?:instruc\w+|consignes|istruzioni)\b",
    r"\b(?:игнорируй\w*|забудь\w*)\b.{0,60}\b(?:инструкци\w+|указани\w+)",
)
_SPEAKS = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE | re.DOTALL)


def addresses_model(text: str) -> bool:
    """Whether a text gives orders to a language model, or imitates a conversation with one."""
    return bool(_SPEAKS.search(Folded(text).text))


# What stands before a verb that orders, or before its infinitive: not "the report", "a claim".
_ORDER = re.compile(
    rf"(?:^|[^\w\s]\s*|\b(?:to|must|should|shall|will|would|can|may|please|kindly|always|now|just|simply|first|then|only"
    rf"|and|or|but|you|not|never|instead)\s+)({_SAY})\b(?! of\b)",
    re.IGNORECASE,
)


def orders(quote: str, sentence: str) -> bool:
    """Whether a quote wants something said, by a word that is not in the sentence: then it does not say it itself."""
    said = set(re.findall(r"\w+", sentence.casefold()))
    return any(match[1].casefold() not in said for match in _ORDER.finditer(Folded(quote).text))
