import pytest

from d1lint.report.line_hash import line_hashes

ALL = 1_000


@pytest.mark.parametrize(
    ("content", "hashes"),
    [
        (b"", ["c129715d7a2bc9a3:1"]),
        (b"a\nb", ["c74339777b6a2c60:1", "8ee5a81e681643c1:1"]),
        (
            b"const a = 1;\r\n\r\n\tconst b = 2;\r\n",
            ["fdeff33e147fc5f5:1", "e443e1d3f2d3dc86:1", "5af7d9c197e4cf4:1", "c129715d7a2bc9a3:1"],
        ),
        (
            b"a\rb\r \nc",
            ["4850bf53658d4e53:1", "b0367d257df6d03c:1", "1c206f60a702cfe8:1", "188ff2f224477a1e:1"],
        ),
        (
            "const 検索 = '👍';\n\ufeffvoid 0;\n".encode(),
            ["5272c8ad4dafe21c:1", "1643a54cb908ef85:1", "c129715d7a2bc9a3:1"],
        ),
        (b"\xff\xfe\n\xc3\n", ["a8e27d1a103050a6:1", "a88b3c201b7e6ebe:1", "c129715d7a2bc9a3:1"]),
    ],
)
def test_hashes_are_those_of_the_uploader(content: bytes, hashes: list[str]) -> None:
    """The values are what GitHub's own uploader computes for these files."""
    assert line_hashes(content, ALL) == hashes


def test_equal_lines_are_numbered() -> None:
    hashes = line_hashes(b"x();\n" * 60, ALL)
    assert hashes[:41] == [f"4025d2520371af98:{number}" for number in range(1, 42)]
    assert hashes[59:] == ["4c392a8353fe801:1", "c129715d7a2bc9a3:1"]


def test_it_stops_at_the_line_that_is_needed() -> None:
    assert line_hashes(b"x();\n" * 60, 7) == line_hashes(b"x();\n" * 60, ALL)[:7]


def test_white_space_does_not_change_a_hash() -> None:
    assert line_hashes(b"if (a) {\n\tb();\n}\n", ALL) == line_hashes(b"if(a){\r\n    b( );\r\n }\r\n", ALL)
