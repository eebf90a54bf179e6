"""A lot's dossier: its tables lead to the frozen totals by the page alone, and hostile texts stay texts."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from local.stack import migrated
from local.stack.database import Database
from operations.cli import main
from operations.dossier.gathering import gather
from operations.dossier.rendering import render
from tests.support.bucket import BUCKET, Bucket, emulated_s3
from tests.support.lot_story import HAND, HOSTILE, OP, OPEN, A, lot_story


@dataclass
class Table:
    """A table of the page, as text."""

    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)

    def dicts(self) -> list[dict[str, str]]:
        head, *rest = self.rows
        return [dict(zip(head, row, strict=True)) for row in rest]


class Page(HTMLParser):
    """What a reader of the page sees, without the product's help."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: list[Table] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[Table] = []
        self._into: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "table":
            self._open.append(Table())
            self.tables.append(self._open[-1])
        elif tag == "tr":
            self._open[-1].rows.append([])
        elif tag in ("td", "th", "caption"):
            self._into = []

    def handle_data(self, data):
        self._into.append(data)

    def handle_endtag(self, tag):
        text = "".join(self._into).strip()
        if tag == "table":
            self._open.pop()
        elif tag == "caption":
            self._open[-1].caption = text
        elif tag in ("td", "th"):
            self._open[-1].rows[-1].append(text)

    def table(self, caption: str) -> list[dict[str, str]]:
        (found,) = [one for one in self.tables if one.caption == caption]
        return found.dicts()


def number(text: str) -> int:
    return 0 if text == "–" else int(text.replace(".", ""))


@pytest.fixture(scope="module")
def s3() -> Iterator[object]:
    with emulated_s3() as client:
        yield client


@pytest.fixture(scope="module")
def plant(cluster: migrated.Cluster, s3) -> Iterator[Database]:
    with cluster.fresh() as url:
        db = Database(url)
        lot_story(Bucket(s3, db))
        yield db
        db.close()


@pytest.fixture(scope="module")
def text(plant: Database) -> str:
    return render(gather(plant.url, OP), None)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_p7_the_page_s_tables_come_to_the_frozen_totals(plant, text, page):
    (closing,) = plant.sql("select * from fechamentos_lote where numero_op = %s", OP)
    sums = Counter[str]()
    for row in page.table("Totais congelados, por turno"):
        if row["Etapa"] == closing["etapa"].lower():
            sums[row["O que é"]] += number(row["Unidades"])
    assert (sums["produzida"], sums["refugo"]) == (closing["produzidas"], closing["refugo"])
    assert sums["retem"] == closing["amostras"] == 4
    shown = re.search(r'class="grande">([\d.]+) <small>boas de ([\d.]+)', text)
    assert shown
    assert [number(one) for one in shown.groups()] == [closing["boas"], closing["produzidas"]]
    assert number(shown[1]) == sums["produzida"] - sums["refugo"] - sums["retem"]


def test_p7_the_page_s_hours_and_files_come_to_what_its_shifts_say(page):
    hours, now, frozen = Counter[str](), Counter[str](), Counter[str]()
    for row in page.table("Por hora, sem o que se contou à mão"):
        hours[row["Linha"]] += number(row["Produzidas"])
    for row in page.table("Contagens à mão"):
        hours[row["Linha"]] += number(row["Produzidas"]) if row["Vale"] == "sim" else 0
    for table, sums in (("Totais como estão agora, por turno", now), ("Totais congelados, por turno", frozen)):
        for row in page.table(table):
            sums[row["Linha"]] += number(row["Unidades"]) if row["O que é"] == "produzida" else 0
    for row in page.table("Ajustes depois do fechamento"):
        if row["Situação"] != "superado" and row["O que é"] == "produzida":
            frozen[row["Linha"]] += number(row["Diferença"])
    assert hours == now == frozen
    assert now.keys() == {A, HAND}
    assert {row["Confere"] for row in page.table("Conferência das somas deste dossiê")} == {"sim"}


def test_p7_every_file_is_there_with_its_hash_and_the_hour_s_list_has_one(plant, page):
    listed = [one for one in page.tables if " · contagens/" in one.caption]
    shown = [(one.caption.split(" · ")[2], row) for one in listed for row in one.dicts()]
    known = plant.sql("select chave, sha256 from arquivos_ingeridos where situacao = 'APLICADO' order by id")
    mine = [one for one in known if one["chave"].startswith("contagens/planta-1/")]
    assert sorted((f"{folder}/{row['Arquivo']}", row["SHA-256"]) for folder, row in shown) == sorted(
        (one["chave"], one["sha256"]) for one in mine
    )
    lines = [
        f"{folder}/{row['Arquivo']} {row['SHA-256']} {' '.join(row['Bytes'].replace('.', '').split('–'))}\n"
        for folder, row in shown
    ]
    (hour,) = page.table("Por hora")
    assert hour["SHA-256 da lista"] == hashlib.sha256("".join(lines).encode()).hexdigest()


def test_p9_no_text_of_the_lot_becomes_markup_nothing_is_fetched(text, page):
    assert text.count("alert(1)") >= 3
    kinds = Counter(tag for tag, _ in page.tags)
    assert not kinds.keys() & {"script", "img", "link", "iframe", "object", "embed", "form", "a", "base"}
    assert kinds["style"] == 1
    names = {name for _, attributes in page.tags for name in attributes}
    assert not {one for one in names if one.startswith("on") or one in ("src", "href", "style")}
    assert "url(" not in text.replace("/url", "")
    assert "@import" not in text
    assert "default-src 'none'" in text
    assert "{{ 7*7 }}" in text


def test_p10_what_was_decided_is_there_with_who_why_and_what_was_before(page):
    acts = page.table("Trilha de auditoria desta OP")
    kinds = Counter(row["Ato"].split(":")[0] for row in acts)
    assert {one.split(" ")[0] for one in kinds} >= {"abrir", "encerrar", "decidir", "registrar", "assinar", "resolver"}
    (held,) = page.table("Contagens entre duas leituras, ou duvidosas")
    assert held["Situação"] == f"decidida, OP {OP}"
    assert HOSTILE in held["Decidido"]
    assert {row["Motivo"] for row in page.table("Não contado, destas linhas e horas")} == {"GATEWAY_DESCONHECIDO"}
    assert [row["Vale"] for row in page.table("Contagens à mão")] == ["substituída", "sim"]
    signed = page.table("Diário de Bordo")
    assert all(row["O que significa"] and len(row["SHA-256"]) == 64 for row in signed)
    assert {row["Vale hoje"] for row in signed} == {"sim", "não"}


def test_p7_an_order_that_is_open_says_so_and_freezes_nothing(plant):
    page = render(gather(plant.url, OPEN), None)
    assert "A OP não fechou" in page
    assert "Totais congelados" not in page


def test_p7_the_command_audits_writes_and_says_what_it_wrote(plant, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("DATABASE_URL", plant.url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.chdir(tmp_path)
    assert main(["dossie", OP, "--bucket", BUCKET]) == 0
    written = (tmp_path / f"dossie-{OP}.html").read_bytes()
    told = capsys.readouterr().out
    assert hashlib.sha256(written).hexdigest() in told
    assert "vazio: nenhuma diferença" in told
    assert "vazio: nenhuma diferença" in written.decode()
    assert main(["dossie", "999999"]) == 2
    assert "a OP 999999 não existe" in capsys.readouterr().err


def test_p7_a_figure_forged_after_closing_does_not_agree(plant, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("DATABASE_URL", plant.url)
    plant.sql("set session_replication_role = replica")
    plant.sql("update fechamentos_lote set boas = boas + 7, produzidas = produzidas + 7 where numero_op = %s", OP)
    try:
        assert main(["dossie", OP, "--saida", str(tmp_path / "forjado.html")]) == 1
        assert "não confere: produzidas" in capsys.readouterr().out
        page = Page((tmp_path / "forjado.html").read_text(encoding="utf-8"))
        assert "NÃO" in {row["Confere"] for row in page.table("Conferência das somas deste dossiê")}
    finally:
        plant.sql("update fechamentos_lote set boas = boas - 7, produzidas = produzidas - 7 where numero_op = %s", OP)
        plant.sql("set session_replication_role = origin")
