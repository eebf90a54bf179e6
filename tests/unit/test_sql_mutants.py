"""What `make mutation-sql` changes in a function, and how it names a change."""

from pathlib import Path

import pytest

from tests.mutation_sql.mutants import Function, Mutant, everything, functions, mutants, vocabularies

WORDS = [("status", ["NOVO", "FEITO"]), ("situacao", ["ABERTA", "FECHADA", "NOVO"])]


def function(body: str) -> Function:
    text = f"create function interno.f(p_a bigint)\nreturns bigint\nas $$\n{body}\n$$;"
    return Function("042", "interno.f", 10, text, text.index("$$\n") + 3)


def changed(body: str, kind: str) -> list[str]:
    """The body after each change of a kind."""
    found = [mutant for mutant in mutants(function(body), WORDS) if mutant.kind == kind]
    return [mutant.statement.split("$$")[1].strip() for mutant in found]


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("comparison", "select a < b", ["select a <= b"]),
        ("comparison", "select a <= b", ["select a < b"]),
        ("comparison", "select a > b", ["select a >= b"]),
        ("comparison", "select a >= b", ["select a > b"]),
        ("comparison", "select a = b", ["select a <> b"]),
        ("comparison", "select a <> b", ["select a = b"]),
        ("comparison", "select a <@ b, c => d, e := f, g ->> 'h'", []),
        ("comparison", "select '<' -- a < b", []),
        ("comparison", "select a <= clock_timestamp(), now() > b", []),
        ("sign", "select a + b", ["select a - b"]),
        ("sign", "select (a) - 1", ["select (a) + 1"]),
        ("sign", "select - a", ["select  a"]),
        ("extreme", "select least(max(a), 1)", ["select greatest(max(a), 1)", "select least(min(a), 1)"]),
        ("join", "from a inner join b on true", ["from a left join b on true"]),
        ("join", "from a left join b on true", ["from a inner join b on true"]),
        ("null", "select a is null", ["select a is not null"]),
        ("null", "select a is not distinct from b", ["select a is distinct from b"]),
        ("membership", "select not exists (select)", ["select exists (select)"]),
        ("membership", "select a in (1)", ["select a not in (1)"]),
        ("default", "coalesce(a, coalesce(b, c), 0)", ["coalesce(a, coalesce(b, c))", "coalesce(a, coalesce(b), 0)"]),
        ("order", "order by a desc, b limit 1", ["order by a asc, b limit 1", "order by a desc, b desc limit 1"]),
        ("order", "select array_agg(x order by f(a, b))", ["select array_agg(x order by f(a, b) desc)"]),
        ("word", "select situacao = 'NOVO'", ["select situacao = 'ABERTA'"]),
        ("word", "select status = 'NOVO'", ["select status = 'FEITO'"]),
        ("word", "select 'OUTRO'", []),
    ],
)  # fmt: skip
def test_one_thing_is_changed_at_a_time(kind: str, body: str, expected: list[str]) -> None:
    assert sorted(changed(body, kind)) == sorted(expected)


@pytest.mark.parametrize(
    ("body", "dropped"),
    [
        ("select from t where a = 1 and b between 2 and 3 group by c", ["a = 1", "b between 2 and 3"]),
        ("where (a or b is distinct from d) and c", ["(a or b is distinct from d)", "a", "b is distinct from d", "c"]),
        ("select from t inner join u on t.a = u.a left join v on t.b = v.b", ["t.a = u.a", "t.b = v.b"]),
        ("if a and not b then c; end if;", ["a", "not b"]),
        ("return case when a and b then c else d end and e;", ["a", "b", "case when a and b then c else d end", "e"]),
        ("select case x when y then z end", []),
        ("insert into t values (1) on conflict (a) do update set b = c where d", ["d"]),
    ],
)  # fmt: skip
def test_each_condition_is_dropped_alone(body: str, dropped: list[str]) -> None:
    made = function(body)
    found = {made.text[m.start : m.end] for m in mutants(made, WORDS) if m.kind == "condition"}
    assert found == set(dropped)


def test_a_condition_is_dropped_to_what_leaves_the_others_to_decide() -> None:
    assert sorted(changed("select from t where a and b", "condition")) == [
        "select from t where a and true", "select from t where true and b",
    ]  # fmt: skip
    assert sorted(changed("select from t where a or b", "condition")) == [
        "select from t where a or false", "select from t where false or b",
    ]  # fmt: skip
    assert changed("if a then b; end if;", "condition") == ["if false then b; end if;", "if true then b; end if;"]


def test_a_mutant_is_named_by_the_lines_it_changes_and_found_by_its_own() -> None:
    made = function("select a\nfrom t\nwhere b\n  < c")
    (mutant,) = [m for m in mutants(made, WORDS) if m.kind == "comparison"]
    assert (mutant.key, mutant.line) == ("interno.f | ⟦<⟧ c → <=", 16)
    assert mutant.statement.startswith("create or replace function interno.f")
    moved = Mutant(
        Function("042", "interno.f", 500, made.text, made.body), "comparison", mutant.start, mutant.end, "<="
    )
    assert moved.key == mutant.key


def test_the_products_own_functions_have_mutants_each_of_its_own_name() -> None:
    folder = Path("supabase/schemas")
    found = everything(folder)
    assert len({mutant.statement for mutant in found.values()}) == len(found) > 3_000
    bare = {function.name for function in functions(folder)} - {mutant.function.name for mutant in found.values()}
    assert "interno.atribuicao" not in bare
    assert ("situacao", ["PROPOSTO", "APROVADO", "RECUSADO", "SUPERADO"]) in vocabularies(folder)
