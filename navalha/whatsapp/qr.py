"""Drawing a QR here, so that no picture from elsewhere is shown and no code leaves the house."""

import base64
import io

import segno

SMALLEST_SIDE = 592  # pixels: twice the 296 CSS pixels at which it is shown, for dense screens
QUIET_ZONE = 4  # modules; the standard's own, without which a phone on a dark page does not see the edges


def qr_png(code: str) -> str:
    """`code` as a PNG in bare base64: dark on white, with its quiet zone, at least `SMALLEST_SIDE` pixels wide."""
    drawing = segno.make(code, error="l", micro=False)
    modules = drawing.symbol_size(border=QUIET_ZONE)[0]
    picture = io.BytesIO()
    scale = -(-SMALLEST_SIDE // modules)
    drawing.save(picture, kind="png", scale=scale, border=QUIET_ZONE, dark="#111111", light="#ffffff")
    return base64.b64encode(picture.getvalue()).decode()
