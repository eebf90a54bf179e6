"""Through Supabase's API no answer is cut unseen, and nothing of any size is taken in."""

from collections.abc import Iterator

import pytest

from local.stack.stack import Stack
from tests.support.api import Api, Scene

PLANT = 37  # lines
BEGIN, MIDDLE, END = "2026-02-01T00:00:00-03:00", "2026-02-02T00:00:00-03:00", "2026-02-03T00:00:00-03:00"


@pytest.fixture(scope="module")
def api(supabase_stack: Stack) -> Iterator[Api]:
    made = Api(supabase_stack)
    yield made
    made.close()


@pytest.fixture(scope="module")
def busy(api: Api) -> Iterator[list[str]]:
    """As many lines as the plant has, each of which counted in every hour of two days."""
    scene = Scene(api)
    lines = [scene.new_line("P") for _ in range(PLANT)]
    api.sql(
        "insert into contagens_minuto (linha_id, minuto, producao, total_producao, sem_ordem_producao)"
        " select l, %s::timestamptz + n * interval '1 hour', array_fill(1, '{60}'), 60, 60"
        " from unnest(%s::text[]) as l cross join generate_series(0, 47) as n",
        BEGIN,
        lines,
    )
    yield lines
    api.sql("delete from contagens_minuto where linha_id = any(%s)", lines)


def test_p10_the_api_hands_over_all_rows_or_refuses(api: Api, busy: list[str]) -> None:
    """48 h of 37 lines are 1,776 rows, of which the API would hand over 1,000 as if they were all."""
    both = {"p_de": BEGIN, "p_ate": END}
    assert api.operator.refused("producao_hora", **both) == (422, "JANELA_GRANDE")
    days = [{"p_de": BEGIN, "p_ate": MIDDLE}, {"p_de": MIDDLE, "p_ate": END}]
    rows = [row for day in days for row in api.operator.rpc("producao_hora", **day)]
    assert len([row for row in rows if row["linha_id"] in busy]) == PLANT * 48
    of_one = api.operator.rpc("producao_hora", **both, p_linha_id=busy[0])
    assert [row["producao_maquina"] for row in of_one] == [60] * 48


def test_p10_the_api_reads_years_by_no_question(api: Api) -> None:
    centuries = {"p_de": "1026-01-01T00:00:00Z", "p_ate": "2026-01-01T00:00:00Z"}
    assert api.operator.refused("producao_hora", **centuries) == (422, "JANELA_GRANDE")
    assert api.operator.refused("paradas_linha", **centuries, p_linha_id="SPEP-ENV-A") == (422, "JANELA_GRANDE")


def test_p10_the_api_takes_in_no_file_as_a_reason(api: Api) -> None:
    reason = "x" * 2_000_000
    assert api.manager.refused("resolver_quarentena", p_id=1, p_motivo=reason) == (422, "TEXTO_LONGO")
