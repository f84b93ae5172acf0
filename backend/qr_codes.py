"""Draws an address and a code as one QR code; the constancia and the panel print it."""

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData


def qr_path(address: str, code: str, *, border: int = 0) -> tuple[str, int]:
    """The dark modules as one SVG path, and how many modules a side has, border included.

    The code, of capitals and digits, comes after the address in its compact mode. Screens need a
    border of four modules; on a page the white around it serves.
    """
    symbol = QRCode(error_correction=ERROR_CORRECT_M, border=border)
    symbol.add_data(QRData(address.encode(), mode=MODE_8BIT_BYTE))
    symbol.add_data(QRData(code.encode(), mode=MODE_ALPHA_NUM))
    symbol.make(fit=True)
    rows = symbol.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    )
    return path, len(rows)
