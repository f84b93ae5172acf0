"""Whether a text was read with the letters that it was written with; `spreadsheet_reading` asks."""

import re

BETWEEN_LETTERS = re.compile(r"(?<=[A-Za-z])[^\x00-\x7f](?=[A-Za-z])")
SPANISH = frozenset("áéíóúüñÁÉÍÓÚÜÑ")
# Blanks and marks that stand there in any text.
MARKS = frozenset("\u00a0\u00ad’–·ºª")


def is_garbled(words: str) -> bool:
    """Whether more letters are strange than Spanish: MS-DOS and old Macs wrote other bytes.

    Most of them are letters here, too: GARCÍA would be registered as GARCÖA.
    """
    found = [sign for sign in BETWEEN_LETTERS.findall(words) if sign not in MARKS]
    spanish = sum(sign in SPANISH for sign in found)
    return spanish < len(found) - spanish
