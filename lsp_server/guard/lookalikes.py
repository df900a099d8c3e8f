"""Names in an answer that look like others: `rоle` with a Cyrillic "о" beside `role`.

After UTS 39 (Unicode Security Mechanisms), with what Python's own Unicode tables know: a letter's
script is the first word of its name, and a name that mixes scripts is fine where the writing of a
language does (kana and Han, Hangul and Han, each with Latin). Letters that look alike are a table
of those of Greek, Cyrillic, Armenian and a few others that look like Latin ones; the wide and the
mathematical ones fold by NFKC. Such names are told and not changed.

Knows nothing of grammars: a name is a row of letters, digits, and signs that go with them.
"""

import re
import unicodedata
from functools import cached_property, lru_cache
from itertools import islice

from lsp_server.guard.invisible_characters import HIDDEN

LONGEST = 256
"""Code points. A longer name is not looked at: nobody reads it."""
_MOST_TOLD = 3
"""Names that are kept to be told; after these the stream is not looked at any more."""
_LOOKED_AT = 200_000
"""Code points at the start of the document whose names are known; one further down is as if the
document did not use it: a name of mixed scripts is told all the same, a twin of it is not."""
_MOST_MIXED = 5_000
"""Different names of the document that are looked at for mixed scripts."""

_WORD = re.compile(
    r"[\w\u0300-\u036f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef\ufe33\ufe34\ufe4d-\ufe4f\uff3f]+"
)
"""Also with the signs that NFKC makes an underscore of: for JavaScript they are in a name."""
_PAIRS = (
    "АAВBЕEЅSІIЈJКKМMНHОOРPСCТTУYХXԌGԚQԜWҮYаaԁdеeѕsіiјjһhкkмmоoрpсcуyхxѵvтtүyԛqԝwΑAΒBΕEΖZ"
    "ΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXϹCͿJαaγyιiκkνvοoρpυuϲcϳjԱUՍUՕOՏSոnսuօoհhզqցgԼLᎪAᏴBᏟCᎠDᎬEᏀGᎻHᎥiᎫJ"
    "ᏦKᏞLᎷMᏢPᏒRᏚSᎢTᏙVᎳWᎩYᏃZɑaɡgɩiıiʟLᴏoᴄcᴜuᴠvᴡwᴢzꓐBꓑPꓓDꓔTꓖGꓗKꓙJꓚCꓜZꓝFꓟMꓠNꓡLꓢSꓣRꓦVꓧHꓪWꓫXꓬY"
    "ꓮAꓰEꓲIꓳOꓴUЬbҽeӏlӀlгrѴVѡwϜFϱpϺMռnաwգqքfᏏbᏧdᏳGᏂhᎡRᏕSᏔWᎽYꮯcꮪsꮩvꮃwꮓzꮁrꭵiⲥcⲤCⲎHⲔKⲒlⲘMⲚNⲟo"
    "ⲞOⲣpⲢPⲦTⲬXⲅrყyɪiꜱsʏyɣyǀl"
)
"""Letters of Cyrillic, Greek, Armenian, Cherokee, Lisu, Coptic and phonetics, with their twins."""
_TABLE = dict(zip(map(ord, _PAIRS[::2]), _PAIRS[1::2], strict=True))
_TOGETHER = (
    frozenset(("LATIN", "CJK", "HIRAGANA", "KATAKANA", "HALFWIDTH")),
    frozenset(("LATIN", "CJK", "BOPOMOFO")),
    frozenset(("LATIN", "CJK", "HANGUL", "HALFWIDTH")),
)
"""The scripts of Japanese, Chinese and Korean (UTS 39, "highly restrictive")."""


class LookalikeNames:
    """A stream in; what of its names looks like another, out. `document` is the text before.

    The result does not depend on how the stream was cut.
    """

    def __init__(self, document: str) -> None:
        self._document = document
        self._word = ""  # the name that the stream is in
        self.alike: dict[str, str] = {}
        """Each strange name, with the first letter in it that has a twin or a sign that hides."""

    def push(self, chunk: str) -> None:
        """More of the stream."""
        if not self._word and chunk.isascii() and not chunk[-1:].isalnum() and chunk[-1:] != "_":
            return
        text = self._word + chunk
        self._word = ""
        for found in _WORD.finditer(text):
            if found.end() == len(text):
                self._word = found[0][: LONGEST + 1]
            else:
                self._look(found[0])

    def finish(self) -> None:
        """The stream has ended."""
        self._look(self._word)
        self._word = ""

    def _look(self, word: str) -> None:
        if word.isascii() or len(word) > LONGEST or len(self.alike) >= _MOST_TOLD:
            return
        bare = skeleton(word)
        if bare == word or word in self._own:
            return
        twin = bare in self._skeletons
        if twin or (is_mixed(word) and not self._mixes):
            self.alike[word] = _strange_in(word)

    @cached_property
    def _own(self) -> dict[str, None]:
        """The names that the document uses already, in their order."""
        return dict.fromkeys(_WORD.findall(self._document[:_LOOKED_AT]))

    @cached_property
    def _skeletons(self) -> frozenset[str]:
        # All at once, which takes a tenth of the time: no line end goes together with a letter.
        return frozenset(skeleton("\n".join(self._own)).split("\n")) - {""}

    @cached_property
    def _mixes(self) -> bool:
        """Whether the document itself has names of mixed scripts, such as `Δx`."""
        others = (word for word in self._own if not word.isascii() and len(word) <= LONGEST)
        return any(map(is_mixed, islice(others, _MOST_MIXED)))


def skeleton(word: str) -> str:
    """What names have in common that look alike: their letters' twins, without hidden signs."""
    folded = HIDDEN.sub("", unicodedata.normalize("NFKC", word))
    return unicodedata.normalize("NFC", folded.translate(_TABLE))


def is_mixed(word: str) -> bool:
    """Whether the letters of a name are of scripts that no language writes together."""
    scripts = {script for character in word if (script := _script(character))}
    return len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER)


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    """A letter's script; signs of science (the micro sign, the ohm sign) belong to none."""
    name = unicodedata.name(character, "") if character.isalpha() else ""
    first = name.partition(" ")[0]
    is_letter = any(f" {kind}" in name for kind in ("LETTER", "SYLLABLE", "IDEOGRAPH"))
    return first if (is_letter and first != "MODIFIER") or first == "MATHEMATICAL" else ""


def _strange_in(word: str) -> str:
    """The first character of a name that is not what it looks like."""
    others = [c for c in word if not c.isascii()]
    return next((c for c in others if skeleton(c) != c), others[0])
