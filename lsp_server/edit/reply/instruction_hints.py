"""Finds out whether an instruction asks for something that a reader would otherwise undo.

It looks for words of several languages. If a word matches by mistake, the answer just stays as the
model wrote it.
"""

import re

_COLUMNS = re.compile(
    r"\b(?:tabs?|spaces|re-?indent|indent\w*|tabul\w*|sangr[ií]a\w*|espacios|espaces|recuo\w*"
    r"|einr[uü]ck\w*|leerzeichen|отступ\w*|табул\w*|пробел\w*)\b|缩进|空格|制表|インデント|들여쓰기",
    re.IGNORECASE,
)
_BYTES = re.compile(
    r"\b(?:trailing|white\s?-?spaces?|blanks|line ends?|normali[sz]\w*|unicode|nfk?[cd]|accents?"
    r"|strip|trim|leerzeichen|espaces|espacios|пробел\w*)\b|空格|空白|공백",
    re.IGNORECASE,
)
_LESS = re.compile(
    r"\b(?:remov\w*|delet\w*|drop\w*|strip|clear|clean\w*|empty|eras\w*|get rid|comment\w*|stub\w*"
    r"|abstract\w*|placeholders?|skeleton\w*|protocol|interface|pass|todo|no-?op|replac\w*"
    r"|simplif\w*|shorten\w*|entfern\w*|l[öo]sch\w*|ersetz\w*|kommentier\w*|leer\w*"
    r"|supprim\w*|enl[eè]v\w*|remplac\w*|comment[eé]\w*|elimin\w*|borr\w*|quit\w*|reemplaz\w*"
    r"|remov\w*|apag\w*|substitu\w*|удал\w*|убер\w*|убра\w*|замен\w*|прокоммент\w*|очист\w*)\b"
    r"|删除|刪除|移除|去掉|清空|替换|注释|削除|消し|コメント|置き換|삭제|제거|주석|교체",
    re.IGNORECASE,
)


def mentions_removal(instruction: str) -> bool:
    """Whether it may ask to remove code, to empty bodies, or to replace code with a comment."""
    return _LESS.search(instruction) is not None


def mentions_columns(instruction: str) -> bool:
    """Whether it may ask for another indentation."""
    return _COLUMNS.search(instruction) is not None


def mentions_bytes(instruction: str) -> bool:
    """Whether it may ask for other white space at line ends, or for another form of characters."""
    return _BYTES.search(instruction) is not None
