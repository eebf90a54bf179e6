"""The validation's documents name tests that exist, and say of each what its last run said."""

import re

from local.validation import protocols, requirements
from local.validation.collecting import ROOT, NamedTest, all_tests, chosen
from local.validation.results import Results, read
from local.validation.writing import documents

ROWS = (
    *requirements.PROMISES, *requirements.SPECIFICATION, *requirements.CFR, *requirements.ANNEX_11, *requirements.ALCOA
)  # fmt: skip
LISTED = re.compile(r"^- (P\d+) · \[`(.+?)`\].*?: (`.*`)$", re.MULTILINE)


def suite(*cases: str) -> str:
    return (
        '<testsuites><testsuite timestamp="2026-03-15T08:00:00.1-03:00">'
        f'<properties><property name="commit" value="abc1"/></properties>{"".join(cases)}</testsuite></testsuites>'
    )


def case(name: str, inside: str = "") -> str:
    return f'<testcase classname="tests.unit.test_x" name="{name}">{inside}</testcase>'


def test_every_test_the_validation_names_exists():
    text = (ROOT / "docs" / "validacao.md").read_text(encoding="utf-8")
    named = {NamedTest(file, name) for _, file, names in LISTED.findall(text) for name in re.findall(r"`(\w+)`", names)}
    assert len(named) > 1_000
    assert named - set(all_tests()) == set()


def test_each_requirement_has_tests_or_somebody_it_belongs_to():
    found = all_tests()
    bare = [row.source for row in ROWS if not (row.words and chosen(found, row.promises, row.words)) and not row.owner]
    assert bare == []
    hollow = [row.source for row in ROWS if row.words and not chosen(found, row.promises, row.words)]
    assert hollow == []


def test_each_step_that_runs_by_itself_has_tests():
    found = all_tests()
    steps = [*protocols.INSTALLATION, *protocols.OPERATION]
    assert [one.done for one in steps if one.words and not chosen(found, one.promises, one.words)] == []
    assert sum(not one.words for one in steps) > 5


def test_a_test_passed_if_each_of_its_cases_did_in_every_run(tmp_path):
    (tmp_path / "test-unit.xml").write_text(
        suite(case("test_p1_a[1]"), case("test_p1_a[2]"), case("test_p1_b[1]"), case("test_p1_b[2]", "<failure/>"))
    )
    (tmp_path / "test-cloud.xml").write_text(suite(case("test_p1_a[3]"), case("test_p1_c", "<skipped/>")))
    found = read(tmp_path)
    assert [(run.target, run.at, run.commit, run.cases) for run in found.runs] == [
        ("test-cloud", "2026-03-15 11:00", "abc1", 2),
        ("test-unit", "2026-03-15 11:00", "abc1", 4),
    ]
    a, b, c, d = (NamedTest("tests/unit/test_x.py", f"test_p1_{name}") for name in "abcd")
    assert found.cases == {a: (3, 3), b: (1, 2), c: (0, 1)}
    assert found.of([a]) == "passaram 1"
    assert found.of([a, d]) == "passaram 1; 1 sem corrida"
    assert found.of([d]) == "sem corrida"
    assert "falhou: test_p1_b, test_p1_c" in found.of([a, b, c, d])


def test_the_documents_say_the_version_every_requirement_and_a_failure():
    found = all_tests()
    broken = next(one for one in found if one.promise == "P7" and "dossier" in one.file)
    written = documents(found, Results((), {broken: (0, 1)}), "0.1.0-abc")
    matrix = written["docs/validacao.md"]
    assert "`0.1.0-abc`" in matrix
    assert all(f"| {row.source} | {row.text} |" in matrix for row in ROWS)
    assert f"**falhou: {broken.name}**" in matrix
    assert f"**falhou: {broken.name}**" in written["docs/qualificacao/operacao.md"]
    assert "________ | ☐ sim ☐ não" in written["docs/qualificacao/instalacao.md"]
