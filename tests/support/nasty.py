"""Texts that have broken searches, databases and parsers; none of them may do more than find nothing."""

_OPERATORS = ("AND", "OR", "NOT", "NEAR", "NEAR/2", "*", "^", "-", "+", ":", "(", ")", "{", "}", '"', "'", "`", "&",
              "|", "!", "<->", "<2>", ":*", ":A", "\\", "%", "_", "?", "#", "~", "=", ",", ";", "@", "$", "/")  # fmt: skip
_WORDS = ("kot", "żółw", "їжак", "ab", "1")
_SINGLE = (
    "", " ", "\t", "\n", "\r\n", "\x00", "a\x00b", "\x00\x00", "\ud800", "a\udfffb", "\ufeff", "\u200b", "\u200f",
    "\u202eabc\u202c", "שלום", "مرحبا", "ﷺ", "🦔", "👩‍👩‍👧‍👦", "🇵🇱", "e\u0301", "\u0301", "Z̸̢̛͎͓a̷l̶g̵o̸", "ｆｕｌｌ", "ǅ", "ß", "İ", "ı",
    "½", "²", "٣", "४", "〇", "東京", "ไทย", "ⅷ", "\u2028", "\u2029", "\x1b[31m", "\x7f", "\x80", "�", "￾",
    "' OR '1'='1", "'; DROP TABLE message; --", '" OR ""="', "1; SELECT pg_sleep(10)", "UNION SELECT 1,2,3",
    "message_search", "body:kot", "rowid:1", "rank", "content:*", "- col : kot", "{a b} : kot", "kot NEAR(pies, 2)",
    'NEAR("a" "b", 5)', '"', '""', '"""', '"kot', 'kot"', '"kot" "', '"a" "b" "c', "kot*", "*kot", "k*t", "**", "* *",
    "^kot", "kot^2", "(kot", "kot)", "((((((((((", "))))))))))", "()", "( )", "AND kot", "kot AND", "kot OR", "NOT kot",
    "NOT NOT kot", "OR OR OR", "and", "or", "not", "near", "a:*", "a:b:c", "'a':*", "''", "'''", "'kot'", "\\'", "\\",
    "kot\\", "kot <-> pies", "kot <100000> pies", "!kot", "!!kot", "kot & !pies", "kot | pies", "kot:ABCD", "%kot%",
    "_kot_", "{{7*7}}", "${7*7}", "<script>alert(1)</script>", "../../etc/passwd", "%00", "%s%s%n", "null", "None",
    "undefined", "true", "NaN", "-1", "0", "00", "000000000000000000000", "9" * 19, "9" * 30, "1e400", "0x1F",
    "1.5", "-5", "+", "+4", "+48", "++48600100200", "+-", "00", "#", "#0", "#99999999999999999999", "№ 5", "# 5",
    "a@b.pl", "http://x.pl/a?b=c&d=e", "C:\\x", "12:30", "2026-03-29", "jan-maria", "foo_bar", "a" * 5000,
    "ż" * 5000, "a " * 2000, '"a" ' * 500, '"' * 999, "🦔" * 999, "(" * 999, "\u0301" * 999, "+48 " * 200,
    "1" * 500, "1 " * 500, "- " * 500, "„kot”", "«кіт»", "“cat", "«", "кіт'", "'кіт", "’’’", "p'p'p'p'",
)  # fmt: skip

NASTY: tuple[str, ...] = (
    *_SINGLE,
    *(f"{operator}{word}" for operator in _OPERATORS for word in _WORDS[:2]),
    *(f"{word}{operator}" for operator in _OPERATORS for word in _WORDS[:2]),
    *(
        f"{word} {operator} {other}"
        for operator in _OPERATORS
        for word, other in (("kot", "pies"), ("їжак", "ab"))
    ),
    *(f'"{word} {operator} pies"' for operator in _OPERATORS for word in _WORDS[:1]),
)
"""Some hundreds."""
