"""*Agora* as a panel on the wall shows it."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from local.waiting import until
from tests.support.stack import supabase_away


def test_p10_a_card_says_order_units_state_and_freshness(plant, page_as, accessible) -> None:
    op = plant.order("SPPV-ENV-VIDRO01", datetime.now(UTC) - timedelta(hours=2))
    plant.counted_by("SPPV-ENV-VIDRO01", "teste-agora")
    plant.do(
        "update ordens_producao_ativas set producao_acumulada = 12345, rejeicao_acumulada = 345 where numero_op = %s",
        op,
    )
    page: Page = page_as("OPERADOR", "SPPV")
    card = page.get_by_role("article").filter(has_text="Vidro 01")
    expect(card).to_contain_text("12.000 boas")
    expect(card).to_contain_text("345 refugo")
    expect(card).to_contain_text(f"OP {op}")
    expect(card).to_contain_text("sem sinal")
    expect(page.get_by_role("article").filter(has_text="Linha A - Envase")).to_have_count(0)  # another sector's
    accessible(page)


def test_p10_agora_refreshes_itself_and_says_when_it_cannot(plant, stack, page_as) -> None:
    op = plant.order("SPPV-ENV-VIDRO02", datetime.now(UTC) - timedelta(hours=1))
    page: Page = page_as("POSTO", "SPPV")
    card = page.get_by_role("article").filter(has_text="Vidro 02")
    expect(card).to_contain_text("0 boas")
    plant.do("update ordens_producao_ativas set producao_acumulada = 77 where numero_op = %s", op)
    expect(card).to_contain_text("77 boas")
    with supabase_away(stack):
        until(lambda: "velho" in (page.locator("body").get_attribute("class") or ""), "figures marked as old")
        expect(card).to_contain_text("77 boas")
    until(lambda: "velho" not in (page.locator("body").get_attribute("class") or ""), "figures fresh again")


def test_p9_hostile_names_stay_text(plant, page_as) -> None:
    op = plant.order("SPPV-ENV-VIDRO03", datetime.now(UTC) - timedelta(hours=1))
    plant.do("update lotes_producao set numero_lote = '<script>alert(1)</script>' where numero_op = %s", op)
    page: Page = page_as("OPERADOR", "SPPV")
    card = page.get_by_role("article").filter(has_text="Vidro 03")
    expect(card).to_contain_text("<script>alert(1)</script>")
    assert card.locator("script").count() == 0
