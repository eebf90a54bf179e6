from datetime import UTC, date, datetime, timedelta

import pytest

from sicfar.database.answers import Digest, Matter, Matters
from sicfar.digest import text

NOW = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
DAY = date(2026, 3, 16)


def matter(hours: float, what: str, line: str | None = None, sector: str | None = None) -> Matter:
    since = NOW - timedelta(hours=hours)
    return Matter(line=line, sector=sector, text=what, since=since, deciders="GESTOR, ADMIN", function="decidir_envio")


def digest(*groups: Matters, sector: str | None = "SPEP") -> Digest:
    return Digest(id=1, sector=sector, addresses=("a@b.test",), lease="x", taken_at=NOW, groups=groups)


def test_p10_a_digest_says_what_waits_how_long_where_and_who_decides_it():
    sent = digest(
        Matters(kind="EVENTO_RECUSADO", total=1, first=(matter(51.5, "Evento do TOTVS: faltou."),)),
        Matters(
            kind="FECHAMENTO",
            total=7,
            first=(
                matter(9, "Falta assinar.", line="SPEP-ENV-A", sector="SPEP"),
                matter(8.25, "duas\n  linhas\tde texto", sector="SPPV"),
            ),
        ),
    )
    assert text.subject(sent, DAY, "prod") == "SicFar prod: 8 pendências à espera (SPEP), 16/03/2026"
    assert text.body(sent, 8) == (
        "Pendências que esperam há 8 h ou mais, em 16/03/2026 às 06:30 (hora de Fortaleza).\n"
        "Cada uma se resolve na tela de pendências do SicFar; este e-mail não precisa de resposta.\n"
        "\n"
        "EVENTO RECUSADO: 1 pendência\n"
        "- há 2 d 3 h: Evento do TOTVS: faltou.\n"
        "  decide: GESTOR, ADMIN; função: decidir_envio\n"
        "\n"
        "FECHAMENTO: 7 pendências\n"
        "- há 9 h 0 min, SPEP-ENV-A: Falta assinar.\n"
        "  decide: GESTOR, ADMIN; função: decidir_envio\n"
        "- há 8 h 15 min, SPPV: duas linhas de texto\n"
        "  decide: GESTOR, ADMIN; função: decidir_envio\n"
        "  e mais 5\n"
    )


def test_p10_a_digest_of_no_sector_says_so():
    only = digest(Matters(kind="ENVIO", total=1, first=(matter(9, "Envio."),)), sector=None)
    assert text.subject(only, DAY, "homolog") == "SicFar homolog: 1 pendência à espera (geral), 16/03/2026"
    assert "e mais" not in text.body(only, 8)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=59), "0 h 0 min"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 h 59 min"),
        (timedelta(days=1), "1 d 0 h"),
        (timedelta(days=40, hours=5, minutes=9), "40 d 5 h"),
    ],
)
def test_a_wait_is_said_in_its_two_largest_units(span, said):
    assert text.waited(span) == said
