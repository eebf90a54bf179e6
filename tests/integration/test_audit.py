"""The audit finds nothing after a rich story and names every lie told about it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from local.stack import migrated
from local.stack.database import T0, Database
from operations.audit import evidence, files, objects, run
from operations.audit.differences import Difference
from operations.audit.evidence import DatabaseUnreadableError, Evidence, snapshot
from operations.audit.rows.history import LineRow
from operations.audit.run import Audit, audit
from operations.audit.summary import Summary
from operations.cli import main
from sicfar.counts.batch import ClockDoubt, Mark
from tests.support.bucket import BUCKET, Bucket, Gateway, bare, emulated_s3, record

A, B, C, LOOSE, E, F = (f"SPEP-ENV-{letter}" for letter in "ABCDEF")
HAND = "SPEP-EMB-EST02"
CLOCK = "SPPV-ENV-VIDRO01"
DAY = "2026-03-15"


class Story:
    """Everything that can happen to counts, once."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket, self.db = bucket, bucket.db
        self.one, self.two = Gateway("planta-1"), Gateway("planta-2")
        self.keys: dict[str, str] = {}

    def play(self) -> None:
        self.configure()
        self.count()
        self.quarantine()
        self.replace_a_spool()
        self.loose()
        self.distrust_a_clock()
        self.decide()
        self.say_who_counted()
        self.close()
        self.deliver_again()

    def configure(self) -> None:
        db = self.db
        db.gateway("planta-1", A, B)
        db.gateway("planta-2")
        db.owner(C, "planta-1", until=T0 + 300)
        db.owner(C, "planta-2", since=T0 + 300)
        db.owner(A, "planta-2", role="conferencia")
        db.owner(LOOSE, "avulso")
        db.owner(HAND, "manual")
        db.sql("update linhas set maximo_por_segundo = 50 where linha_id = %s", B)
        db.lot("000123", "000124", "000125", "000126", "000127")
        self.boss, self.manager = db.person("SUPERVISOR"), db.person("GESTOR")
        db.open(self.boss, "000123", A, T0)
        db.open(self.boss, "000125", C, T0 + 10)
        db.open(self.boss, "000126", LOOSE, T0)
        db.open(self.boss, "000127", HAND, T0)

    def count(self) -> None:
        first = self.one.seal(
            [
                *(record(A, n, 1, n % 2) for n in range(0, 400, 7)),
                record(A, 210, 6, 1, since=200),
                record(B, 5, 3),
                record(B, 6, 500),
                record(B, 90, 40, since=30, flags="implausivel"),
                *(record(C, n, 2) for n in range(0, 300, 11)),
            ],
            garbage=[b"a,b\xff", b"lixo"],
        )
        self.keys["first"] = first.key
        assert self.bucket.send(first) == ["APLICADO"]
        marks = [Mark(line, (T0 + 86_400) * 1000, "ok", None) for line in (A, B, C)]
        later = self.one.seal([record(A, 620, 9, since=590), record(A, 700, 2), record(B, 130, 5)], marks)
        self.keys["later"] = later.key
        assert self.bucket.send(later) == ["APLICADO"]
        assert self.bucket.send(self.two.seal([record(C, n, 3, 1) for n in range(290, 400, 10)])) == ["APLICADO"]
        assert self.bucket.send(self.two.seal([record(A, n, 1) for n in range(0, 400, 7)])) == ["APLICADO"]
        self.two.seq += 3
        assert self.bucket.send(self.two.seal([record(C, 410, 1)], [Mark(C, (T0 + 900) * 1000, "ok", None)])) == [
            "APLICADO"
        ]
        self.db.call(
            self.manager,
            "anular_sequencia",
            p_gateway="planta-2",
            p_epoca=self.two.epoch,
            p_seq=3,
            p_ate_seq=5,
            p_motivo="perdida no disco",
        )
        self.db.shut(self.boss, "000123", A, T0 + 600)
        self.db.open(self.boss, "000124", A, T0 + 600)
        self.db.open(self.boss, "000125", C, T0 + 20)  # re-dated
        self.db.open(self.boss, "000124", B, T0 + 100)
        self.db.open(self.boss, "000125", B, T0 + 60)  # forgotten, entered late
        self.db.shut(self.boss, "000125", B, T0 + 60)  # and annulled: it was the wrong one

    def quarantine(self) -> None:
        foreign = self.bucket.upload(self.two.seal([record(B, 40, 7, 1), record(B, 41, 2), record("LINHA-X", 1, 4)]))
        assert self.bucket.parse(foreign) == ["APLICADO"]
        self.db.sql("update fontes_linha set ate = %s where linha_id = %s", datetime.fromtimestamp(T0 + 40, UTC), B)
        self.db.owner(B, "planta-2", since=T0 + 40, until=T0 + 41)
        self.db.owner(B, "planta-1", since=T0 + 41)
        (held,) = self.db.sql("select * from quarentena where linha_id = %s", B)
        self.db.call(self.boss, "reprocessar_quarentena", p_id=held["id"], p_motivo="a linha mudou de fonte")
        assert self.bucket.parse(foreign, reprocessar=held["id"]) == ["APLICADO"]
        (left,) = self.db.sql("select * from quarentena where linha_id = %s and resolvida_em is null", B)
        self.db.call(self.boss, "resolver_quarentena", p_id=left["id"], p_motivo="conferido, é de outra")
        for name in ("planta-8", "planta-9"):
            unknown = self.bucket.upload(Gateway(name).seal([record(LOOSE, 50, 8, 2)]))
            assert self.bucket.parse(unknown) == ["QUARENTENA"]
        self.db.gateway("planta-9")
        assert self.bucket.parse(unknown) == ["APLICADO"]
        self.one.seq -= 1
        assert self.bucket.send(self.one.seal([record(A, 1, 77)])) == ["QUARENTENA"]  # the sequence came before
        self.one.seq, before = 999_999_999_998, self.one.seq
        assert self.bucket.send(self.one.seal([record(A, 3, 78)])) == ["QUARENTENA"]  # no sequence to believe
        self.one.seq = before
        torn = self.one.seal([record(A, 2, 5)])
        self.keys["torn"] = torn.key
        assert self.bucket.parse(self.bucket.put(torn.key, torn.body[:-9])) == ["QUARENTENA"]
        assert self.bucket.parse(self.bucket.put("contagens/planta-1/perdido.txt", b"x")) == ["QUARENTENA"]

    def replace_a_spool(self) -> None:
        """A new spool reads again what the lost one may have sent: part of it is counted after all."""
        self.db.gateway("planta-3", E)
        self.db.open(self.boss, "000125", E, T0)
        born = datetime.fromtimestamp(T0 + 100.5, UTC)
        lost, new = (Gateway("planta-3", began=when) for when in (datetime.fromtimestamp(T0 - 9, UTC), born))
        mark = Mark(E, (T0 + 30) * 1000, "ok", None)
        assert self.bucket.send(lost.seal([record(E, n, 2) for n in (1, 20)], [mark])) == ["APLICADO"]
        again = self.bucket.upload(new.seal([record(E, n, 2, 1) for n in (1, 20, 40, 50)], earlier=True))
        assert self.bucket.parse(again) == ["APLICADO"]
        gap = [record(E, 105, 7, since=90), record(E, 106, 3, since=102), record(E, 100, 1), record(E, 104, 5)]
        gap_batch = new.seal(gap)
        self.keys["gap"] = gap_batch.key
        assert self.bucket.send(gap_batch) == ["APLICADO"]
        (late,) = self.db.sql(
            "select * from quarentena where chave = %s and detalhe like '%%não tenha enviado%%'", again["key"]
        )
        self.db.call(self.boss, "reprocessar_quarentena", p_id=late["id"], p_motivo="o anterior não enviou")
        assert self.bucket.parse(again, reprocessar=late["id"]) == ["APLICADO"]
        assert self.db.totals()["000125", E] == (4 + 4 + 5 + 3, 2)

    def loose(self) -> None:
        text = [bare(LOOSE, n, 1) for n in range(12)]
        small, grown = "".join(text[:4]) + text[4][:9], "".join(text)
        assert self.bucket.parse(self.bucket.put("avulsos/linha d.txt", small.encode())) == ["APLICADO"]
        assert self.bucket.parse(self.bucket.put("avulsos/linha d.txt", grown.encode())) == ["APLICADO"]
        assert self.bucket.parse(self.bucket.put("avulsos/cópia.txt", grown.encode())) == ["JA_APLICADO"]
        late = [self.bucket.put("avulsos/outra.txt", b"x;y\n" + bare(LOOSE, 100 + n, n).encode()) for n in (1,)]
        late.append(
            self.bucket.put("avulsos/outra.txt", b"x;y\n" + b"".join(bare(LOOSE, 100 + n, n).encode() for n in (1, 2)))
        )
        assert self.bucket.parse(late[1]) == ["APLICADO"]
        assert self.bucket.parse(late[0]) == ["JA_APLICADO"]
        assert self.bucket.parse(self.bucket.put("avulsos/vazio.txt", b"")) == ["APLICADO"]
        self.bucket.parse(self.bucket.put("avulsos/outra.txt", b"tudo diferente\n" * 9))

    def distrust_a_clock(self) -> None:
        """A clock an hour ahead, then one that differs from its sources'; most of it counts elsewhere in the end."""
        db, gateway = self.db, Gateway("planta-4")
        db.gateway("planta-4")
        db.owner(CLOCK, "planta-4", since=T0 + 20)
        db.open(self.boss, "000126", CLOCK, T0)
        doubt, far = ClockDoubt(3_600_000, "s3"), 20 * 365 * 86_400
        ahead = [
            *(record(CLOCK, 3_600 + n, 2, n % 2) for n in (10, 25, 40)),
            record(CLOCK, 3_640, 5),
            record(CLOCK, 3_700, 6, since=3_650),
            record(CLOCK, 3_710, 4, since=3_702, flags="implausivel"),
            record(CLOCK, 3_720, 3, since=3_712, flags="implausivel"),
            record(CLOCK, far + 30, 8, 1),
            record("LINHA-Y", 3_625, 1),
        ]
        batch = gateway.seal(ahead, clock=doubt)
        self.keys["ahead"] = batch.key
        sent = self.bucket.upload(batch)
        assert self.bucket.parse(sent) == ["APLICADO"]
        assert self.bucket.send(gateway.seal([record(CLOCK, 40, 1), record(CLOCK, 3_640, 1)])) == ["APLICADO"]
        held = db.one("select id from contagens_retidas where linha_id = %s and producao = 3", CLOCK)
        db.call(
            self.boss, "decidir_retido", p_id=held, p_decisao="ATRIBUIR", p_numero_op="000126", p_motivo="conferido"
        )
        self.settle_clock("DESLOCAR", p_deslocar_s=3_600)
        (early,) = db.sql("select * from quarentena where linha_id = %s and resolvida_em is null", CLOCK)
        db.sql("update fontes_linha set de = %s where linha_id = %s", datetime.fromtimestamp(T0, UTC), CLOCK)
        db.call(self.boss, "reprocessar_quarentena", p_id=early["id"], p_motivo="a fonte já contava a linha")
        assert self.bucket.parse(sent, reprocessar=early["id"]) == ["APLICADO"]
        sourced = [
            record(CLOCK, 50, 2, 1, flags="relogio", source=52),
            record(CLOCK, 50.5, 3, flags="relogio", source=49.9),
            record(CLOCK, 50.7, 4),
            record(CLOCK, 70, 7, since=60, flags="relogio", source=75),
        ]
        assert self.bucket.send(gateway.seal(sourced, clock=ClockDoubt(-2_000, "fontes"))) == ["APLICADO"]
        self.settle_clock("FONTE")
        cells = db.one(
            "select producao[41:53] from contagens_minuto where linha_id = %s order by minuto limit 1", CLOCK
        )
        assert cells == [8, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4, 0, 2]

    def settle_clock(self, decision: str, **more: int) -> None:
        number = self.db.one("select id from duvidas_relogio where decisao is null")
        self.db.call(self.boss, "decidir_relogio", p_id=number, p_decisao=decision, p_motivo="visto", **more)
        with self.db.as_role("service_role"):
            while self.db.one("select aplicar_decisoes_relogio(1)")["restam"]:
                pass

    def decide(self) -> None:
        db = self.db
        held = {(row["producao"], row["motivo"]): row["id"] for row in db.sql("select * from contagens_retidas")}
        assert set(held) == {
            (500, "IMPLAUSIVEL"),
            (40, "IMPLAUSIVEL"),
            (9, "FRONTEIRA"),
            (4, "IMPLAUSIVEL"),
            (8, "IMPLAUSIVEL"),
        }
        for made, choice, op in ((500, "DESCARTAR", None), (9, "ATRIBUIR", "000123")):
            (number,) = (one for (amount, _), one in held.items() if amount == made)
            db.call(self.boss, "decidir_retido", p_id=number, p_decisao=choice, p_numero_op=op, p_motivo="conferido")
        db.call(self.boss, "justificar_sem_ordem", p_linha_id=C, p_de=T0, p_ate=T0 + 20, p_motivo="teste da máquina")
        for made in (120, 118):
            arguments = {
                "p_numero_op": "000127",
                "p_linha_id": HAND,
                "p_data": DAY,
                "p_turno": "D1",
                "p_producao": made,
            }
            db.call(self.boss, "registrar_contagem_manual", **arguments, p_rejeicao=2, p_motivo="contado de novo")

    def say_who_counted(self) -> None:
        """Who counted a line, and by which factor, known after it was counted, and corrected."""
        db = self.db
        db.owner(F, "planta-1")
        self.is_now("planta-2", "conferencia", 0)
        db.open(self.boss, "000126", F, T0 + 50)
        for gateway in (self.one, self.two):
            sealed = gateway.seal(
                [
                    *(record(F, n, 2, n % 2) for n in range(0, 400, 9)),
                    record(F, 95, 7, since=91),
                    record(F, 205, 8, since=195),
                    record(F, 260, 500),
                    record(F, 330, 30, since=320, flags="implausivel"),
                ]
            )
            assert self.bucket.send(sealed) == ["APLICADO"]
        self.keys["moved"] = sealed.key
        (held,) = db.sql("select id from contagens_retidas where linha_id = %s and producao = 30", F)
        choice = {"p_decisao": "ATRIBUIR", "p_numero_op": "000126", "p_motivo": "conferido"}
        db.call(self.boss, "decidir_retido", p_id=held["id"], **choice)
        self.is_now("planta-2", "contagem", 100, 350)
        self.is_now("planta-1", "conferencia", 100, 150)
        self.is_now("planta-1", "contagem", 180, 300)
        foreign = self.two.seal([record(F, 500, 4), record(F, 520, 6, since=505)])
        self.is_now("planta-2", "nenhum", 400)
        stray = self.bucket.upload(foreign)
        assert self.bucket.parse(stray) == ["APLICADO"]
        self.is_now("planta-2", "contagem", 450, 515)
        (piece,) = db.sql("select id from quarentena where chave = %s", foreign.key)
        assert self.bucket.parse(stray, reprocessar=piece["id"]) == ["APLICADO"]
        db.call(
            self.manager,
            "definir_fator",
            p_linha_id=F,
            p_contador="producao",
            p_fator=3,
            p_de=T0,
            p_ate=None,
            p_motivo="são três cavidades",
        )

    def is_now(self, source: str, role: str, since: int, until: int | None = None) -> None:
        """What the source is to line F, in seconds of the story."""
        self.db.call(
            self.manager,
            "definir_fonte",
            p_linha_id=F,
            p_fonte=source,
            p_papel=role,
            p_de=T0 + since,
            p_ate=None if until is None else T0 + until,
            p_motivo="soube-se depois",
        )

    def close(self) -> None:
        db = self.db
        for _ in range(2):
            for row in db.sql("select * from quarentena where resolvida_em is null"):
                db.call(self.manager, "resolver_quarentena", p_id=row["id"], p_motivo="conferido, nada a contar")
            db.sign(self.boss, A, DAY, "D1", "conferido")
            db.close_lots()
        assert db.one("select status from lotes_producao where numero_op = '000123'") == "CONCLUIDO", db.missing(
            "000123"
        )
        for second, decision in ((300, "APROVAR"), (301, "RECUSAR"), (302, None)):
            assert self.bucket.send(self.one.seal([record(A, second, 3, 1)])) == ["APLICADO"]
            db.close_lots()
            if decision:
                db.sign(self.boss, A, DAY, "D1", "chegou tarde, conferido")
                db.call(
                    self.manager, "decidir_ajustes", p_numero_op="000123", p_decisao=decision, p_motivo="chegou tarde"
                )

    def deliver_again(self) -> None:
        """Everything comes twice, and once more."""
        before = self.db.totals()
        for _ in range(2):
            for one in reversed(self.bucket.announced):
                self.bucket.parse(one)
        assert self.db.totals() == before


@pytest.fixture(scope="module")
def s3():
    with emulated_s3() as client:
        yield client


@pytest.fixture(scope="module", autouse=True)
def remembered() -> Iterator[None]:
    """A version never changes: the many audits of one bucket read each once."""
    with pytest.MonkeyPatch.context() as patch:
        read = cache(files.read)
        for module in (objects, run):
            patch.setattr(module, "read", read)
        yield


@pytest.fixture(scope="module")
def story(cluster: migrated.Cluster, s3) -> Iterator[Story]:
    with cluster.fresh() as url:
        db = Database(url)
        told = Story(Bucket(s3, db))
        told.play()
        yield told
        db.close()


@pytest.fixture
def lying(story: Story) -> Iterator[Database]:
    """The story's database behind the functions' and triggers' back; what is done to it is undone."""
    with story.db.connection.transaction(force_rollback=True):
        story.db.sql("set local session_replication_role = replica")
        yield story.db


def audited(s3, db: Database, grace_s: int = 0) -> tuple[list[Difference], Summary]:
    """An audit of what this connection sees, also of what it has not committed."""
    found: list[Difference] = []
    with db.connection.transaction():
        summary = Audit(Evidence(db.connection), s3, BUCKET, found.append, grace_s=grace_s).run()
    assert summary.differences == len(found)
    return found, summary


def test_p1_nothing_is_found_after_a_story_with_everything_in_it(s3, story):
    found: list[Difference] = []
    summary = audit(story.db.url, s3, BUCKET, found.append, grace_s=0)
    assert found == []
    assert summary.objects > 15
    assert "vazio" in str(summary)


def test_p1_what_the_ledger_alone_names_is_looked_at_once(s3, story, monkeypatch):
    """Also where the rows of one object stand on two pages of the ledger."""
    monkeypatch.setattr(objects, "versions", lambda *_: iter(()))
    monkeypatch.setattr(evidence, "PAGE", 1)
    found, summary = audited(s3, story.db)
    assert (found, summary.files) == ([], story.db.one("select count(*) from arquivos_ingeridos"))


def test_an_audit_can_change_nothing(story):
    with pytest.raises(DatabaseUnreadableError, match="read-only transaction"), snapshot(story.db.url) as evidence:
        evidence.all(LineRow, "update linhas set ativa = false returning linha_id, 1 as maximo_por_segundo")


def test_a_user_who_is_shown_only_part_of_the_rows_is_told_so(story):
    story.db.sql(
        "create role auditor_sem_acesso login password 'x'; grant usage on schema public to auditor_sem_acesso"
    )
    story.db.sql("grant select on all tables in schema public to auditor_sem_acesso")
    try:
        url = make_conninfo(story.db.url, user="auditor_sem_acesso", password="x")
        with pytest.raises(DatabaseUnreadableError, match="não vê todas as linhas"), snapshot(url):
            pass
    finally:
        story.db.sql("drop owned by auditor_sem_acesso; drop role auditor_sem_acesso")


def test_an_unreachable_database_is_an_error_and_no_empty_audit(s3):
    with pytest.raises(DatabaseUnreadableError):
        audit("postgresql://ninguem@127.0.0.1:1/nada", s3, BUCKET, lambda _found: None, grace_s=0)


# Lies -----------------------------------------------------------------------------------------------------------------

MINUTE = "minuto = to_timestamp(%(t0)s)"
UNCHECKED = "alter table contagens_minuto drop constraint contagens_minuto_justificada_cabe; "

LIES = {
    "a total": (
        (
            "update ordens_producao_ativas set producao_acumulada = producao_acumulada + 1"
            " where (numero_op, linha_id) = ('000123', 'SPEP-ENV-A')"
        ),
        {("TOTAL_OP", A, "000123", None)},
    ),
    "a total and its machine counts": (
        (
            "update ordens_producao_ativas set producao_maquina = producao_maquina - 1, producao_acumulada ="
            " producao_acumulada - 8 where (numero_op, linha_id) = ('000124', 'SPEP-ENV-A')"
        ),
        {("TOTAL_OP", A, "000124", None), ("BALANCO", A, None, None)},
    ),
    "the first count": (
        (
            "update ordens_producao_ativas set primeira_contagem = primeira_contagem + interval '1 second'"
            " where (numero_op, linha_id) = ('000125', 'SPEP-ENV-C')"
        ),
        {("TOTAL_OP", C, "000125", None)},
    ),
    "an order nobody opened": (
        (
            "insert into ordens_producao_ativas (numero_op, linha_id, producao_acumulada)"
            " values ('000126', 'SPEP-ENV-B', 5)"
        ),
        {("TOTAL_OP", B, "000126", None)},
    ),
    "a cell": (
        (
            "update contagens_minuto set producao[22] = producao[22] + 1, total_producao = total_producao + 1"
            f" where linha_id = 'SPEP-ENV-A' and {MINUTE}"
        ),
        {("MINUTO", A, "000123", "first")},
    ),
    "a cell moved by a second": (
        f"update contagens_minuto set producao[23] = 1, producao[22] = 0 where linha_id = 'SPEP-ENV-A' and {MINUTE}",
        {("MINUTO", A, "000123", "first")},
    ),
    "a minute": (
        f"delete from contagens_minuto where linha_id = 'SPEP-ENV-C' and {MINUTE}",
        {("MINUTO", C, None, "first"), ("BALANCO", C, None, None)},
    ),
    "what has no order": (
        f"{UNCHECKED}update contagens_minuto set sem_ordem_producao = 0 where linha_id = 'SPEP-ENV-C' and {MINUTE}",
        {("MINUTO", C, None, None), ("BALANCO", C, None, None)},
    ),
    "what was justified": (
        f"{UNCHECKED}update contagens_minuto set justificada_producao = 999 where linha_id = 'SPEP-ENV-C' and {MINUTE}",
        {("MINUTO", C, None, None)},
    ),
    "which seconds were justified": (
        (
            "update contagens_minuto set justificada_segundos_producao = array_fill(0, array[60])"
            f" where linha_id = 'SPEP-ENV-C' and {MINUTE}"
        ),
        {("MINUTO", C, None, None)},
    ),
    "a ledger row": (
        "delete from arquivos_ingeridos where chave = %(later)s",
        {("OBJETO_SEM_LANCAMENTO", None, None, "later"), ("INTERVALO_SEM_ORIGEM", A, None, None)},
    ),
    "a ledger row that never was": (
        (
            "insert into arquivos_ingeridos (bucket, chave, tamanho, sha256, gravado_em, tipo, gateway, epoca, seq,"
            " registros, situacao) select bucket, replace(chave, '-', '-0'), tamanho, sha256, gravado_em, tipo,"
            " gateway,"
            " epoca, seq + 100, registros, situacao from arquivos_ingeridos where chave = %(later)s"
        ),
        {("OBJETO_AUSENTE", None, None, "later0"), ("SEQUENCIA", None, None, "epoch")},
    ),
    "a ledger row's digest": (
        "update arquivos_ingeridos set sha256 = repeat('0', 64) where chave = %(first)s",
        {("RAZAO_DIVERGE", None, None, "first")},
    ),
    "a ledger row's size": (
        "update arquivos_ingeridos set tamanho = 7 where chave = %(first)s",
        {("RAZAO_DIVERGE", None, None, "first")},
    ),
    "what was counted of a loose file before": (
        "update arquivos_ingeridos set contado_antes = 80 where chave = 'avulsos/linha d.txt' and contado_antes > 80",
        {("RAZAO_DIVERGE", None, None, "loose"), ("RAZAO_DIVERGE", LOOSE, None, "loose")},
    ),
    "a ledger row's records": (
        "update arquivos_ingeridos set registros = 7 where chave = %(first)s",
        {("RAZAO_DIVERGE", None, None, "first")},
    ),
    "what a file brought of a line": (
        "update arquivos_ingeridos set linhas = jsonb_set(linhas, '{0,producao}', '1') where chave = %(first)s",
        {("RAZAO_DIVERGE", "?", None, "first"), ("BALANCO", "?", None, None)},
    ),
    "a quarantined file called counted": (
        (
            "update arquivos_ingeridos set situacao = 'APLICADO', motivo = null, sha256 = repeat('0', 64)"
            " where chave = %(torn)s"
        ),
        {("OBJETO_ALTERADO", None, None, "torn")},
    ),
    "a quarantined count thrown away": (
        "delete from quarentena where linha_id = 'LINHA-X'",
        {("QUARENTENA_AUSENTE", "LINHA-X", None, "two"), ("BALANCO", "LINHA-X", None, None)},
    ),
    "a quarantine of nothing": (
        (
            "insert into quarentena (arquivo_id, bucket, chave, motivo, detalhe, linha_id, producao, rejeicao)"
            " select id, bucket, chave, 'NAO_DONO', 'x', 'SPEP-ENV-A', 5, 0 from arquivos_ingeridos"
            " where chave = %(first)s"
        ),
        {("QUARENTENA_SEM_ORIGEM", A, None, "first"), ("BALANCO", A, None, None)},
    ),
    "unreadable bytes thrown away": (
        "delete from quarentena where chave = %(first)s and motivo = 'COLUNAS'",
        {("QUARENTENA_AUSENTE", None, None, "first")},
    ),
    "one of the unreadable stretches": (
        (
            "update quarentena set trechos = trechos - int8multirange(int8range(upper(trechos) - 9, upper(trechos)))"
            " where chave = %(first)s and motivo = 'COLUNAS'"
        ),
        {("QUARENTENA_AUSENTE", None, None, "first")},
    ),
    "a decision nobody took": (
        "update contagens_intervalo set situacao = 'DESCARTADA' where producao = 40",
        {("INTERVALO", B, None, "first")},
    ),
    "a decision for another order": (
        "update contagens_intervalo set numero_op = '000124' where producao = 9",
        {
            ("INTERVALO", A, "000124", "later"),
            ("TOTAL_OP", A, "000123", None),
            ("TOTAL_OP", A, "000124", None),
            ("FECHAMENTO", A, "000123", None),
        },
    ),
    "an increment thrown away": (
        "delete from contagens_intervalo where producao = 6 and linha_id = 'SPEP-ENV-A'",
        {("INTERVALO_AUSENTE", A, None, "first")},
    ),
    "a period moved": (
        (
            "update periodos_ordem set intervalo = tstzrange(lower(intervalo) + interval '30 seconds',"
            " upper(intervalo))"
            " where numero_op = '000125' and linha_id = 'SPEP-ENV-C'"
        ),
        {
            ("PERIODO", C, "000125", None),
            ("TOTAL_OP", C, "000125", None),
            ("MINUTO", C, None, None),
            ("BALANCO", C, None, None),
        },
    ),
    "a period taken away": (
        "delete from periodos_ordem where numero_op = '000126'",
        {
            ("PERIODO", LOOSE, "000126", None),
            ("TOTAL_OP", LOOSE, "000126", None),
            ("MINUTO", LOOSE, None, None),
            ("BALANCO", LOOSE, None, None),
        },
    ),
    "a factor": (
        "update periodos_ordem set fator_producao = 9 where numero_op = '000124' and linha_id = 'SPEP-ENV-A'",
        {("PERIODO", A, "000124", None), ("TOTAL_OP", A, "000124", None)},
    ),
    "a double application": (
        (
            "update contagens_minuto set producao = interno.somar_vetores(producao, producao), total_producao = 2 *"
            " total_producao where linha_id = 'SPEP-ENV-A'; update ordens_producao_ativas set producao_acumulada = 2 *"
            " producao_acumulada, producao_maquina = 2 * producao_maquina where linha_id = 'SPEP-ENV-A'"
        ),
        {
            ("MINUTO", A, "000123", "first"),
            ("MINUTO", A, "000124", "later"),
            ("TOTAL_OP", A, "000123", None),
            ("TOTAL_OP", A, "000124", None),
            ("BALANCO", A, None, None),
        },
    ),
    "what a second sensor counted": (
        "update contagens_conferencia set producao = producao + 1 where linha_id = 'SPEP-ENV-A'",
        {("CONFERENCIA", A, None, None), ("BALANCO", A, None, None)},
    ),
    "a second that left the totals": (
        (
            "update contagens_retiradas set producao[28] = producao[28] + 1 where quarentena_id in (select id from"
            " quarentena where fonte = 'planta-1' and decisao = 'DESCARTADO')"
        ),
        {("RETIRADA", F, None, None)},
    ),
    "what left the totals": (
        (
            "update quarentena set producao = producao + 1 where fonte = 'planta-1' and decisao = 'DESCARTADO'"
            " and producao < 500"
        ),
        {("RETIRADA", F, None, None), ("BALANCO", F, None, None)},
    ),
    "an increment that left the totals, counted again": (
        (
            "update contagens_intervalo set situacao = 'SEM_ORDEM', retirada_id = null"
            " where situacao = 'RETIRADA' and producao = 8"
        ),
        {("INTERVALO", F, None, "moved"), ("RETIRADA", F, None, None), ("BALANCO", F, None, None)},
    ),
    "a count by hand": (
        "update contagens_manuais set producao = 200 where producao = 118",
        {("TOTAL_OP", HAND, "000127", None), ("BALANCO", HAND, None, None)},
    ),
    "a count by hand nobody made": (
        (
            "insert into contagens_manuais (numero_op, linha_id, data, turno, janela, producao, rejeicao, usuario_id)"
            " select numero_op, linha_id, data, turno, tstzrange('2026-03-01Z', '2026-03-02Z'), 5, 0, usuario_id"
            " from contagens_manuais limit 1"
        ),
        {
            ("ATO_SEM_TRILHA", HAND, "000127", None),
            ("TOTAL_OP", HAND, "000127", None),
            ("BALANCO", HAND, None, None),
        },
    ),
    "frozen totals": (
        "update fechamento_totais set quantidade = quantidade - 1 where tipo = 'PRODUZIDA'",
        {("FECHAMENTO", None, "000123", None), ("FECHAMENTO", A, "000123", None)},
    ),
    "a state written over": (
        (
            "alter table lotes_producao disable trigger fixar_estado;"
            " update lotes_producao set status = 'PLANEJADO' where numero_op = '000123'"
        ),
        {("ESTADO", None, "000123", None)},
    ),
    "a closing": (
        "update fechamentos_lote set refugo = refugo + 1, boas = boas - 1",
        {("FECHAMENTO", None, "000123", None)},
    ),
    "an adjustment": (
        "delete from ajustes_fechamento where situacao = 'RECUSADO' and tipo = 'PRODUZIDA'",
        {("FECHAMENTO", A, "000123", None)},
    ),
    "the version an object was read from": (
        "update arquivos_ingeridos set versao_id = 'outra' where chave = %(later)s",
        {("OBJETO_AUSENTE", None, None, "later"), ("BALANCO", A, None, None)},
    ),
    "the version a torn object was read from": (
        "update arquivos_ingeridos set versao_id = 'outra' where chave = %(torn)s",
        {("OBJETO_AUSENTE", None, None, "torn"), ("OBJETO_ALTERADO", None, None, "torn")},
    ),
    "what another spool may have counted, half of it": (
        "update quarentena set producao = producao - 1 where motivo = 'EPOCA_ANTERIOR' and chave = %(gap)s",
        {
            ("TOTAL_OP", E, "000125", None),
            ("MINUTO", E, "000125", "gap"),
            ("BALANCO", E, None, None),
            ("INTERVALO_AUSENTE", E, None, "gap"),
            ("QUARENTENA_SEM_ORIGEM", E, None, "gap"),
        },
    ),
    "a voided sequence": (
        "delete from sequencias_anuladas",
        {("SEQUENCIA", None, None, "two")},
    ),
    "a voided sequence nobody voided": (
        (
            "insert into sequencias_anuladas (gateway, epoca, seq, ate_seq, motivo, usuario_id)"
            " select gateway, epoca, maior_seq + 1, maior_seq + 9, 'x', gen_random_uuid() from epocas_gateway"
            " where gateway = 'planta-2'"
        ),
        {("ATO_SEM_TRILHA", None, None, None)},
    ),
    "how far a clock was ahead": (
        "update duvidas_relogio set deslocar_s = deslocar_s + 1 where decisao = 'DESLOCAR'",
        {("TOTAL_OP", CLOCK, "000126", None)},
    ),
    "a decision on a clock that was never taken": (
        "delete from trilha_auditoria where objeto like 'duvidas_relogio:%%'",
        {("ATO_SEM_TRILHA", None, None, None)},
    ),
    "how far a gateway is": (
        "update epocas_gateway set ultima_seq_continua = 1 where gateway = 'planta-2'",
        {("SEQUENCIA", None, None, "two")},
    ),
}


FAR_REACHING = {
    "what was counted of a loose file before",
    "a ledger row",
    "a ledger row that never was",
    "the version an object was read from",
    "a period taken away",
    "a period moved",
    "how far a clock was ahead",
}
"""Lies that make other things wrong than those they must be named by."""


def seen(found: list[Difference], places: dict[str, str]) -> set[tuple[str, str | None, str | None, str | None]]:
    """Kind, line, order and object of each difference, objects by their names in the story."""
    names = {key: name for name, key in places.items()}
    return {
        (
            one.code,
            one.line,
            one.order,
            next((name for key, name in names.items() if one.key and one.key.startswith(key)), None),
        )
        for one in found
    }


@pytest.mark.parametrize("lie", LIES)
def test_p1_a_lie_is_found_and_named(s3, story, lying, lie):
    statement, expected = LIES[lie]
    for part in statement.split("; "):
        lying.connection.execute(part.encode(), {"t0": T0, **story.keys})
    found, summary = audited(s3, lying)
    places = {
        **story.keys,
        "later0": story.keys["later"].replace("-", "-0"),
        "epoch": f"contagens/planta-1/{story.one.epoch}/",
        "two": f"contagens/planta-2/{story.two.epoch}/",
        "loose": "avulsos/linha d.txt",
    }
    named = seen(found, places)
    wanted = {one for one in expected if "?" not in one}
    wanted |= {(kind, line, op, place) for kind, line, op, place in named if (kind, "?", op, place) in expected}
    assert wanted
    assert wanted <= named, [str(one) for one in found]
    assert summary.differences == len(found)
    if lie not in FAR_REACHING:
        assert len(named - wanted) == 0, [str(one) for one in found]


# Lies in the bucket ---------------------------------------------------------------------------------------------------


@pytest.fixture
def tampered(s3) -> Iterator[Any]:
    """The bucket; every version added in the test is taken away again."""

    def there():
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET)
        return {
            (one["Key"], one["VersionId"])
            for page in pages
            for one in page.get("Versions", []) + page.get("DeleteMarkers", [])
        }

    before = there()
    yield s3
    for key, version in there() - before:
        s3.delete_object(Bucket=BUCKET, Key=key, VersionId=version)


def test_p1_a_deleted_object_is_named_though_its_version_is_kept(story, tampered):
    tampered.delete_object(Bucket=BUCKET, Key=story.keys["first"])
    found, _ = audited(tampered, story.db)
    assert [(one.code, one.key) for one in found] == [("OBJETO_APAGADO", story.keys["first"])]


def test_p1_a_batch_written_over_is_named(story, tampered):
    other = story.one.seal([record(A, 1, 4)])
    tampered.put_object(Bucket=BUCKET, Key=story.keys["first"], Body=other.body)
    found, _ = audited(tampered, story.db)
    assert [(one.code, one.key) for one in found] == [("OBJETO_ALTERADO", story.keys["first"])]


def test_p1_an_unrecorded_batch_is_missing_unless_still_on_its_way(story, tampered):
    batch = Gateway("planta-1").seal([record(A, 300, 4)])
    tampered.put_object(Bucket=BUCKET, Key=batch.key, Body=batch.body)
    found, summary = audited(tampered, story.db, grace_s=600)
    assert (found, summary.on_their_way) == ([], 1)
    found, _ = audited(tampered, story.db)
    assert {(one.code, one.line, one.order) for one in found} == {
        ("OBJETO_SEM_LANCAMENTO", None, None),
        ("TOTAL_OP", A, "000123"),
        ("BALANCO", A, None),
        ("MINUTO", A, None),
        ("FECHAMENTO", A, "000123"),
    }
    (missing,) = (one for one in found if one.code == "OBJETO_SEM_LANCAMENTO")
    assert missing.key == batch.key


def test_p1_a_loose_file_that_changed_and_was_never_read_is_named(story, tampered):
    tampered.put_object(Bucket=BUCKET, Key="avulsos/linha d.txt", Body=bare(LOOSE, 0, 7).encode())
    found, _ = audited(tampered, story.db)
    assert ("OBJETO_SEM_LANCAMENTO", "avulsos/linha d.txt") in {(one.code, one.key) for one in found}


# The command ----------------------------------------------------------------------------------------------------------


def test_p1_the_command_says_nothing_but_one_line_or_one_line_a_difference(story, tampered, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", story.db.url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    command = ["auditar", "--bucket", BUCKET, "--carencia", "0"]
    assert main(command) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("auditoria: vazio")
    tampered.delete_object(Bucket=BUCKET, Key=story.keys["first"])
    assert main(command) == 1
    difference, line = capsys.readouterr().out.splitlines()
    assert difference.startswith(f"OBJETO_APAGADO · {story.keys['first']} · apagado em ")
    assert line.startswith("auditoria: 1 diferenças em ")
    assert main([*command, "--json"]) == 1
    difference, summary = map(json.loads, capsys.readouterr().out.splitlines())
    assert (difference["o_que"], difference["objeto"]) == ("OBJETO_APAGADO", story.keys["first"])
    assert summary["resumo"]["diferencas"] == 1
    monkeypatch.delenv("DATABASE_URL")
    assert main(command) == 2
    assert "DATABASE_URL" in capsys.readouterr().err
