"""Patterns of sign-up fields: what strangers type can keep no worker busy."""

import pytest

from app.patterns import BadPattern, check_pattern, matches


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        (r"[A-Z]{2}[0-9]{8,12}", "DE123456789", "DE12"),
        (r"\d+", "42", "4 2"),
        (r"(?:[0-9]{3} ){2}[0-9]{3}", "123 456 789", "123456789"),
        (r"[^@]+@[^@]+", "a@b", "a@b@c"),
        (r"(?i)(gold|silver)", "Gold", "bronze"),
        (r"", "", "x"),
        (r"^.*$", "anything", "two\nlines"),
    ],
)
def test_plain_patterns_are_taken(pattern: str, right: str, wrong: str) -> None:
    check_pattern(pattern, 200)
    assert matches(pattern, right)
    assert not matches(pattern, wrong)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$",
        r"(a|aa)+",
        r"(a|a)*b",
        r"(\w+\s?)*x",
        r"((a{0,100}){0,100}){0,100}",
        r"a*a*a*a*b",
        r".*.*.*=.*",
    ],
)
def test_patterns_that_could_run_long_are_refused(pattern: str) -> None:
    with pytest.raises(BadPattern, match="too long"):
        check_pattern(pattern, 200)


@pytest.mark.parametrize("pattern", [r"(a)\1", r"(?=a)a", r"(?<!b)a", r"(?>a+)", r"a++"])
def test_special_groups_are_refused(pattern: str) -> None:
    with pytest.raises(BadPattern, match="look around"):
        check_pattern(pattern, 200)


@pytest.mark.parametrize("pattern", ["(", "[", "a{2,1}", "(?P<n>a)(?P<n>b)", "\\"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern, match="no regular expression"):
        check_pattern(pattern, 200)


def test_shorter_texts_may_have_richer_patterns() -> None:
    check_pattern(r"\w+-\w+-\w+-\w+", 30)
    with pytest.raises(BadPattern):
        check_pattern(r"\w+-\w+-\w+-\w+", 1_000)
