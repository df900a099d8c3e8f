"""Finds names in an answer that look like others: `rоle` with a Cyrillic "о" beside `role`.

Follows UTS 39 (Unicode Security Mechanisms) with what Python's own Unicode tables know. A letter's
script is the first word of its Unicode name. A name may mix scripts where the writing of a language
does (kana and Han, Hangul and Han, each with Latin). A table lists the letters of Greek, Cyrillic,
Armenian and a few other scripts that look like Latin ones; NFKC folds the wide and the mathematical
ones. Such names are reported and not changed.

Knows nothing of grammars: a name is a run of letters, digits, and the signs that go with them.
"""

import re
import unicodedata
from functools import cached_property, lru_cache
from itertools import islice

from lsp_server.guard.invisible_characters import HIDDEN

LONGEST = 256
"""Code points. A longer name is not checked: nobody reads it."""
_MOST_REPORTED = 3
"""Names that are kept for the report. After these the rest of the stream is not checked."""
_MOST_OF_DOCUMENT = 200_000
"""Code points at the start of the document whose names are known. Names further down count as
unused: a name of mixed scripts is still reported, a lookalike of it is not."""
_MOST_MIXED = 5_000
"""Different names of the document that are checked for mixed scripts."""

_WORD = re.compile(
    r"[\w\u0300-\u036f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef\ufe33\ufe34\ufe4d-\ufe4f\uff3f]+"
)
"""Also with the signs that NFKC turns into an underscore: JavaScript allows them in a name."""
_PAIRS = (
    "АAВBЕEЅSІIЈJКKМMНHОOРPСCТTУYХXԌGԚQԜWҮYаaԁdеeѕsіiјjһhкkмmоoрpсcуyхxѵvтtүyԛqԝwΑAΒBΕEΖZ"
    "ΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXϹCͿJαaγyιiκkνvοoρpυuϲcϳjԱUՍUՕOՏSոnսuօoհhզqցgԼLᎪAᏴBᏟCᎠDᎬEᏀGᎻHᎥiᎫJ"
    "ᏦKᏞLᎷMᏢPᏒRᏚSᎢTᏙVᎳWᎩYᏃZɑaɡgɩiıiʟLᴏoᴄcᴜuᴠvᴡwᴢzꓐBꓑPꓓDꓔTꓖGꓗKꓙJꓚCꓜZꓝFꓟMꓠNꓡLꓢSꓣRꓦVꓧHꓪWꓫXꓬY"
    "ꓮAꓰEꓲIꓳOꓴUЬbҽeӏlӀlгrѴVѡwϜFϱpϺMռnաwգqքfᏏbᏧdᏳGᏂhᎡRᏕSᏔWᎽYꮯcꮪsꮩvꮃwꮓzꮁrꭵiⲥcⲤCⲎHⲔKⲒlⲘMⲚNⲟo"
    "ⲞOⲣpⲢPⲦTⲬXⲅrყyɪiꜱsʏyɣyǀl"
)
"""Letters of Cyrillic, Greek, Armenian, Cherokee, Lisu, Coptic and phonetics, with their
lookalikes."""
_TABLE = dict(zip(map(ord, _PAIRS[::2]), _PAIRS[1::2], strict=True))
_TOGETHER = (
    frozenset(("LATIN", "CJK", "HIRAGANA", "KATAKANA", "HALFWIDTH")),
    frozenset(("LATIN", "CJK", "BOPOMOFO")),
    frozenset(("LATIN", "CJK", "HANGUL", "HALFWIDTH")),
)
"""The scripts of Japanese, Chinese and Korean (UTS 39, "highly restrictive")."""


class LookalikeNames:
    """Takes a stream and collects the names in it that look like others. `document` is the text
    before.

    The result does not depend on how the stream is cut into chunks.
    """

    def __init__(self, document: str) -> None:
        self._document = document
        self._unfinished = ""  # the unfinished name at the end of the stream so far
        self.alike: dict[str, str] = {}
        """Each suspicious name, with the first letter in it that has a lookalike or the first
        hidden sign."""

    def push(self, chunk: str) -> None:
        """Take more of the stream."""
        if (
            not self._unfinished
            and chunk.isascii()
            and not chunk[-1:].isalnum()
            and chunk[-1:] != "_"
        ):
            return
        text = self._unfinished + chunk
        self._unfinished = ""
        for found in _WORD.finditer(text):
            if found.end() == len(text):
                self._unfinished = found[0][: LONGEST + 1]
            else:
                self._check(found[0])

    def finish(self) -> None:
        """The stream has ended."""
        self._check(self._unfinished)
        self._unfinished = ""

    def _check(self, word: str) -> None:
        if word.isascii() or len(word) > LONGEST or len(self.alike) >= _MOST_REPORTED:
            return
        bare = skeleton(word)
        if bare == word or word in self._document_names:
            return
        has_lookalike = bare in self._skeletons
        if has_lookalike or (is_mixed(word) and not self._document_mixes):
            self.alike[word] = _first_strange(word)

    @cached_property
    def _document_names(self) -> dict[str, None]:
        """The names that the document already uses, in order."""
        return dict.fromkeys(_WORD.findall(self._document[:_MOST_OF_DOCUMENT]))

    @cached_property
    def _skeletons(self) -> frozenset[str]:
        # All at once, which takes a tenth of the time. No letter combines with a line end.
        return frozenset(skeleton("\n".join(self._document_names)).split("\n")) - {""}

    @cached_property
    def _document_mixes(self) -> bool:
        """Whether the document itself has names of mixed scripts, such as `Δx`."""
        others = (
            word for word in self._document_names if not word.isascii() and len(word) <= LONGEST
        )
        return any(map(is_mixed, islice(others, _MOST_MIXED)))


def skeleton(word: str) -> str:
    """A form that is the same for all names that look alike: letters mapped to their lookalikes,
    hidden signs removed."""
    folded = HIDDEN.sub("", unicodedata.normalize("NFKC", word))
    return unicodedata.normalize("NFC", folded.translate(_TABLE))


def is_mixed(word: str) -> bool:
    """Whether the letters of a name belong to scripts that no language writes together."""
    scripts = {script for character in word if (script := _script(character))}
    return len(scripts) > 1 and not any(scripts <= mix for mix in _TOGETHER)


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    """A letter's script. Scientific signs (the micro sign, the ohm sign) belong to none."""
    name = unicodedata.name(character, "") if character.isalpha() else ""
    first = name.partition(" ")[0]
    is_letter = any(f" {kind}" in name for kind in ("LETTER", "SYLLABLE", "IDEOGRAPH"))
    return first if (is_letter and first != "MODIFIER") or first == "MATHEMATICAL" else ""


def _first_strange(word: str) -> str:
    """The first character of a name that is not what it looks like."""
    others = [c for c in word if not c.isascii()]
    return next((c for c in others if skeleton(c) != c), others[0])
