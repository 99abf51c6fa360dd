"""What JavaScript makes of literal values as text: in templates, concatenations and the keys of objects."""

from __future__ import annotations

import math
from decimal import Decimal


def literal_text(value: str | int | float | bool | None) -> str:
    """`String(value)`, for null, booleans, numbers and strings."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value)


def number_text(value: int | float) -> str:
    """A number's shortest text, as ECMAScript has it: `2.5`, `1e+21`, and `5` for 5.0."""
    try:
        number = float(value)
    except OverflowError:
        return "Infinity" if value > 0 else "-Infinity"
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    # Python's repr finds the same shortest digits; only their layout differs.
    sign, found, exponent = Decimal(repr(number)).normalize().as_tuple()
    assert isinstance(exponent, int)  # it is a letter only for what is not finite
    digits = "".join(map(str, found))
    point = len(digits) + exponent
    if 0 < point <= 21:
        text = digits[:point].ljust(point, "0") + ("." + digits[point:] if digits[point:] else "")
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        mantissa = digits[0] + ("." + digits[1:] if digits[1:] else "")
        text = f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return ("-" if sign else "") + text
