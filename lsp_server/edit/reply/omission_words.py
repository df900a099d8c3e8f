"""Recognises words for omitted code in languages other than English.

There are two groups of stems: "the rest", "existing"; and "unchanged", "the same", "omitted". A
text with both says that code is omitted. A text with one of them only hints at it, unless it has
dots. Knows nothing about comments.
"""

import re
from unicodedata import normalize

_REST = r"""
übrig\w* restlich\w* bestehend\w* vorhanden\w* bisherig\w* rest reste suite existant\w* resto
restante\w* existente\w* demás anterior\w* rimanent\w* esistent\w* остальн\w* существующ\w* прежн\w*
решта інш\w* існуюч\w* reszta pozosta\w* istniejąc\w* overig\w* bestaand\w* resten övrig\w*
befintlig\w* øvrig\w* eksisterende kalan\w* mevcut\w* zbytek zbyl\w* stávajíc\w* loput sisa\w*
restul existent\w* többi maradék υπόλοιπ\w* שאר باقي بقية बाकी शेष
"""
_SAME = r"""
unverändert\w* unveraendert\w* bleib\w* gleich\w* identisch\w* ausgelassen weggelassen inchang\w*
identique\w* même\w* omis\w* igual\w* omitid\w* mism[oa]\w* permanec\w* mantiene\w* queda\w*
inalterad\w* mantém mantem mesm[oa]\w* invariat\w* riman\w* omess\w* stess[oa] неизмен\w* прежн\w*
оста[её]тся остаются пропущен\w* залиша\w* niezmien\w* pominięt\w* ongewijzigd\w* blijft blijven
hetzelfde weggelaten oförändra\w* samma uændret uendret değişme\w* aynı ennallaan muuttumat\w*
tetap neschimbat\w* változatlan\w* αμετάβλητ\w* अपरिवर्तित
"""
# Phrases of several words, and words of languages that do not separate words.
_REST_PHRASES = (
    "其余|其餘|剩余|剩餘|余下|其他|其它|现有|現有|原有|原来|原來|残り|既存|ほか|他の|以降|나머지|기존|이하"
    "|geri kalan|còn lại|hiện có|ส่วนที่เหลือ"
)
_SAME_PHRASES = (
    "不变|不變|保持|省略|相同|同上|同前|一样|一樣|未修改|未更改|未变|没有变化|無變化|无变化|以下略|下略|后略"
    "|変更なし|変更無し|変わらず|そのまま|同じ|同様|変更しない|동일|변경 ?없|그대로|생략|유지"
    "|wie (?:bisher|zuvor|oben|vorher)|sans (?:changement|modification)|comme (?:avant|ci-dessus)"
    "|sin (?:cambios|modific)|como antes|sem (?:altera|mudan|modific)|senza modific|come prima"
    "|без (?:изменен|змін)|не (?:меня|измен)|как (?:было|раньше|выше)|так(?:ой|ая|ое|ие) же"
    "|bez (?:zmian|změn)|zoals voorheen|som tidigere|som tidigare|tidak berubah|giữ nguyên"
    "|không (?:thay )?đổi|ללא שינוי|كما هو|دون تغيير|เหมือนเดิม"
)


def _pattern(stems: str, phrases: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(stems.split())})\b|{phrases}", re.IGNORECASE)


_LEFT, _STAYS = _pattern(_REST, _REST_PHRASES), _pattern(_SAME, _SAME_PHRASES)
# The longest text (code points) in which one of the words can have no other meaning.
_SHORT = 24


def says_left_out(content: str, *, dotted: bool) -> bool:
    """Whether a comment's text says that code was omitted; `dotted`: dots are at an end."""
    text = normalize("NFC", content)
    left, stays = _LEFT.search(text) is not None, _STAYS.search(text) is not None
    return (left or stays) if dotted else (left and stays)


def hints_at_left_out(content: str) -> bool:
    """Whether a short text has a word for unchanged code."""
    return len(content) <= _SHORT and _STAYS.search(normalize("NFC", content)) is not None
