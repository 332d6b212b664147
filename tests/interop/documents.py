"""Random JSON texts in every notation that JSON allows, and texts that are almost JSON; the same in each run."""

import json
import random
import struct
from collections.abc import Iterator

_SPACE = ("", "", "", " ", "\n", "\t", "\r\n", "  \n ")
_CHARS = (
    *"abcXYZ019 .,:[]{}'`/",
    *"\x7f\x80\x85\xa0éßЖ中\u2028\u2029\ufeff\ufffe\uffff\ufffd\ud7ff\ue000😀𝄞\U0010ffff",
)
_ESCAPES = (
    *(rf"\{char}" for char in '"\\/bfnrt'),
    *(rf"\u{code:04x}" for code in (0, 1, 0x1F, 0x22, 0x5C, 0x7F, 0xE9, 0x2028, 0x2029, 0xFEFF, 0xFFFF)),
    *(rf"\u{code:04X}" for code in (0x0A, 0xC9, 0xABCD)),
    r"\ud83d\ude00",  # a pair
    r"\uD83D\uDE00",
    r"\ud800",  # the first half alone
    r"\udfff",  # the second half alone
    r"\ude00\ud83d",  # the wrong way round
    r"\ud83d😀",
)
_KEYS = ('""', '"a"', '"b"', '"é"', r'"\u0061"', '"__proto__"', '"constructor"', '"toString"', '"step"', '"a b"')
_INDEX_KEYS = (
    '"0"',
    '"1"',
    '"7"',
    '"10"',
    '"007"',
    '"-1"',
    '"1.5"',
    '"4294967294"',
    '"4294967295"',
    '"9007199254740993"',
)
_NUMBERS = (
    *("0", "-0", "0.0", "-0.0", "0e5", "-0e-5", "1", "-1", "1.0", "1.50", "100", "1e2", "1E2", "1e+2", "1e-2", "0.1"),
    *("1e20", "1e21", "1e22", "123456789012345680000.0", "1234567890123456800000.0", "1e-6", "1e-7", "0.000001"),
    *("0.0000001", "1.5e-7", "5e-324", "4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1e-400"),
    *("2.2250738585072014e-308", "2.225073858507201e-308", "1.7976931348623157e308", "1.7976931348623158e308"),
    *("9007199254740991", "9007199254740992", "-9007199254740991", "-9007199254740992", "9007199254740993.0"),
    *("0.30000000000000004", "5.0e-1", "1e23", "8.41e21", "2.0e-3", "9.5367431640625e-7", "12345678.9e-15"),
)
_BEYOND = (
    *("9007199254740993", "-9007199254740993", "9007199254740994", "18446744073709551616", "1152921504606846976"),
    *("1" + "0" * 21, "1" + "0" * 308, "1" + "0" * 309, "9" * 599, "-" + "9" * 601, "7" * 5000),
    *("1e400", "-1e400", "1.7976931348623159e308", "1.0E+999", "1" + "0" * 400 + ".5"),
)
_NEARLY = (
    *(
        "NaN",
        "Infinity",
        "-Infinity",
        "undefined",
        "nul",
        "True",
        "nulll",
        "'a'",
        "01",
        "-",
        "+1",
        ".5",
        "5.",
        "1e",
        "1e+",
    ),
    *(
        "0x10",
        "1_000",
        "--1",
        "-01",
        "1.e5",
        "1e5.5",
        "\ufeff",
        "\xa0",
        "\u2028",
        "\x0b",
        "\x0c",
        "//",
        "/**/",
        "#",
        ";",
    ),
    *(
        '"',
        "\\",
        '"\n"',
        '"\t"',
        '"\x00"',
        '"\x1f"',
        r'"\x41"',
        r'"\u12"',
        r'"\u+123"',
        r'"\u 123"',
        r'"\u12_3"',
        r'"\u12"',
    ),
    *(
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "[,]",
        "{,}",
        "[1,]",
        '{"a":1,}',
        '{"a"}',
        "{a:1}",
        '{"a":}',
        "{1:2}",
        "[1 2]",
        '{"a" 1}',
    ),
    *("٣", "１", "é", "\u200b", "0٣", "1.٣", "1e٣", "-٣", r'"\u٣٣٣٣"', r'"\u００4１"', "\x00", "1,", "][", " "),
)


class Texts:
    """Random JSON texts. `wild` ones contain large integers and index keys, which JavaScript changes."""

    def __init__(self, seed: int, *, wild: bool) -> None:
        self.chance = random.Random(seed)
        self.wild = wild

    def text(self, depth: int = 4) -> str:
        """Return a JSON text."""
        return self._space() + self._value(depth) + self._space()

    def _value(self, depth: int) -> str:
        kind = self.chance.randrange(10 if depth else 6)
        if kind < 2:
            return self.number()
        if kind < 4:
            return self.string()
        if kind < 6:
            return self.chance.choice(("true", "false", "null", '""', "[]", "{}", "[ ]", "{\n}"))
        count = self.chance.randrange(6)
        if kind < 8:
            return "[" + self._join(self._value(depth - 1) for _ in range(count)) + "]"
        return "{" + self._join(self._entry(depth) for _ in range(count)) + "}"

    def _entry(self, depth: int) -> str:
        keys = _KEYS + _INDEX_KEYS if self.wild else _KEYS
        key = self.chance.choice(keys) if self.chance.random() < 0.6 else self.string()
        if not self.wild and json.loads(key).isdecimal():
            key = '"k' + key[1:]
        return key + self._space() + ":" + self._space() + self._value(depth - 1)

    def _join(self, parts: Iterator[str]) -> str:
        inner = ",".join(self._space() + part + self._space() for part in parts)
        return inner or self._space()

    def _space(self) -> str:
        return self.chance.choice(_SPACE)

    def string(self) -> str:
        """Return a JSON string."""
        count = int(self.chance.expovariate(0.2))
        return (
            '"'
            + "".join(self.chance.choice(self.chance.choice((_CHARS, _CHARS, _ESCAPES))) for _ in range(count))
            + '"'
        )

    def number(self) -> str:
        """Return a JSON number."""
        kind = self.chance.randrange(8)
        if kind == 0:
            return self.chance.choice(_BEYOND if self.wild else _NUMBERS)
        if kind <= 2:
            return self.chance.choice(_NUMBERS)
        if kind == 3:
            return str(self.chance.randrange(-1000, 1000))
        if kind == 4:
            largest = 2**70 if self.wild else 2**53
            return str(self.chance.randrange(-largest, largest))
        if kind == 5:  # any notation, not only what is shortest
            digits = "".join(self.chance.choices("0123456789", k=self.chance.randrange(1, 25)))
            exponent = f"{self.chance.choice('eE')}{self.chance.choice(('', '+', '-'))}{self.chance.randrange(290)}"
            whole = self.chance.choice(("0", str(self.chance.randrange(1, 10**6))))
            return f"{self.chance.choice(('', '-'))}{whole}.{digits}{self.chance.choice(('', exponent))}"
        while True:  # any double
            (value,) = struct.unpack("<d", self.chance.randbytes(8))
            if value - value == 0:
                return self.chance.choice((repr(value), f"{value:.17e}", f"{value:.20E}"))

    def mutated(self) -> str:
        """Return a JSON text with a few random edits; it is often not JSON any more."""
        text = self.text(self.chance.randrange(4))
        for _ in range(self.chance.randrange(1, 4)):
            at = self.chance.randrange(len(text) + 1)
            kind = self.chance.randrange(4)
            if kind == 0:
                text = text[:at] + text[at + 1 :]
            elif kind == 1:
                text = text[:at] + self.chance.choice(_NEARLY) + text[at:]
            elif kind == 2:
                text = text[:at] + self.chance.choice(_NEARLY) + text[at + 1 :]
            else:
                to = self.chance.randrange(len(text) + 1)
                text = text[: min(at, to)] + text[max(at, to) :]
        return text


def hand_written() -> list[str]:
    """Return every constant of this module alone, in an array, and as value and key of an object."""
    leaves = [*_NUMBERS, *_BEYOND, *_NEARLY, *(f'"{char}"' for char in (*_CHARS, *_ESCAPES)), *_KEYS, *_INDEX_KEYS]
    texts = [form.replace("%", leaf) for leaf in leaves for form in ("%", " %\n", "[%]", "[0,%,0]", '{"k":%}', "{%:0}")]
    twice = ['{"a":1,"b":2,"a":3}', '{"a":1,"\\u0061":2}', '{"__proto__":1,"__proto__":{"x":2}}', '{"":1,"":2}']
    mixed = [
        '{"b":0,"2":0,"a":0,"1":0,"01":0,"4294967294":0,"4294967295":0,"-0":0}',
        "",
        " ",
        "\n",
        '"' + "x" * 100_000 + '"',
    ]
    escapes = ['"' + chr(code) + '"' for code in range(0x20)] + [f'"\\u{code:04x}"' for code in range(0, 0x10000, 37)]
    return [*texts, *twice, *mixed, *escapes]
