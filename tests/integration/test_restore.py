"""A database lost after a dump, restored, brought back by the bucket: equal, and TOTVS is told nothing twice."""

import json
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.stack import erp, migrated
from local.stack import postgres as embedded
from local.stack.database import T0, Database, Rpc
from local.stack.run_folder import temporary_run
from local.waiting import LAST_RESORT_S
from operations.audit.differences import Difference
from operations.audit.run import audit
from operations.cli import main
from operations.restoration import AnnouncementError, announce, declare, written_since
from sicfar.aws.notifications import announcement, object_refs
from sicfar.counts.batch import Mark
from sicfar.database.codes import ReportKind
from sicfar.database.requests import Attempt
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.config import TotvsConfig
from sicfar.totvs.outbox import Poster
from sicfar.totvs.reports import expected
from tests.support.bucket import BUCKET, Bucket, Gateway, bare, emulated_s3, record
from tests.support.outbox import LIMITS, QUERY, Office

A, B, LOOSE = "SPEP-ENV-A", "SPEP-ENV-B", "SPEP-ENV-D"
DAY = "2026-03-15"
BEFORE, OPEN_REPORT, INCOMPLETE, RUNNING, DOUBTFUL = "000201", "000202", "000203", "000204", "000205"
BINARIES = Path(embedded._wheel()) / "pginstall" / "bin"


class Totvs(Office):
    """The outbox of a database, emptied by the real client over HTTP into the simulated TOTVS."""

    def __init__(self, db: Database, totvs: erp.Erp, *, asking: bool) -> None:
        self.db, self.totvs = db, totvs
        kinds = {"production": "/apontamentos", "losses": "/perdas", "status": "/lotes/status"}
        reports = {kind: {"query": {**QUERY, "path": path}} for kind, path in kinds.items()} if asking else {}
        self.config = TotvsConfig.parse(totvs.configuration(reports=reports), "teste")
        self._bells = 0

    def ring(self, report: int, bell: str | None = None) -> list[Any]:
        self._bells += 1
        attempts: list[Attempt] = []
        client = self.client(attempts)
        poster = Poster(self.config, client, Rpc(self.db), LIMITS, attempts)  # type: ignore[arg-type]
        try:
            return poster.ring(report, bell or f"mensagem-{self._bells}", lambda: True)
        finally:
            client.close()

    def post(self, report: dict[str, Any]) -> None:
        """Send a report that the database does not have any more."""
        answer = expected(self.config.reports, ReportKind.ADJUSTMENT, report["id_externo"])
        self.client([]).post("ajuste", "/apontamentos", json.dumps(report).encode(), answer)

    def client(self, attempts: list[Attempt]) -> TotvsClient:
        return TotvsClient(self.config, self.totvs.username, self.totvs.password, record=attempts.append)

    def drain(self) -> None:
        """What the schedule does until nothing is due."""
        while due := self.due():
            for report in due:
                self.ring(report)


class Plant:
    """One story up to a dump, what came after it, and what people do again once the database was lost."""

    def __init__(self, bucket: Bucket, totvs: erp.Erp) -> None:
        self.bucket, self.db, self.totvs = bucket, bucket.db, totvs
        self.gateway = Gateway("planta-1")

    def until_the_dump(self) -> None:
        db = self.db
        db.gateway("planta-1", A, B)
        db.owner(LOOSE, "avulso")
        db.lot(BEFORE, OPEN_REPORT, INCOMPLETE, RUNNING, DOUBTFUL)
        self.boss, self.manager = db.person("SUPERVISOR"), db.person("GESTOR")
        for op, first in ((BEFORE, 0), (OPEN_REPORT, 100), (DOUBTFUL, 200), (INCOMPLETE, 300), (RUNNING, 400)):
            db.open(self.boss, op, A, T0 + first)
            if op != RUNNING:
                db.shut(self.boss, op, A, T0 + first + 100)
        self.send(*(record(A, n, 1, n % 2) for n in range(0, 300, 9)), until=300)
        self.loose = [bare(LOOSE, n, 2) for n in range(10)]
        assert self.bucket.parse(self.bucket.put("avulsos/d.txt", "".join(self.loose[:4]).encode())) == ["APLICADO"]
        self.close(db)
        office = Totvs(db, self.totvs, asking=False)
        office.ring(self.report(BEFORE))
        self.totvs.faults({"kind": "cut_after", "path": "/api/apontamentos"})
        office.ring(self.report(DOUBTFUL))
        self.totvs.faults()
        assert self.states(db) == {
            f"SF-{BEFORE}-PRODUCAO-0001": "CONFIRMADO",
            f"SF-{BEFORE}-STATUS-0001": "CONFIRMADO",
            f"SF-{OPEN_REPORT}-PRODUCAO-0001": "PENDENTE",
            f"SF-{OPEN_REPORT}-STATUS-0001": "PENDENTE",
            f"SF-{DOUBTFUL}-PRODUCAO-0001": "INCERTO",
            f"SF-{DOUBTFUL}-STATUS-0001": "PENDENTE",
        }

    def after_the_dump(self) -> None:
        db = self.db
        self.send(*(record(A, n, 2, 1) for n in range(300, 500, 7)), record(A, 410, 5, since=380), until=520)
        self.send(record(B, 10, 4), record("LINHA-X", 1, 1), until=86_400)
        assert self.bucket.parse(self.bucket.put("avulsos/d.txt", "".join(self.loose).encode())) == ["APLICADO"]
        time.sleep(1.1)  # S3 keeps whole seconds; of two names of one content the one written first counts
        assert self.bucket.parse(self.bucket.put("avulsos/cópia.txt", "".join(self.loose).encode())) == ["JA_APLICADO"]
        self.people(db)
        Totvs(db, self.totvs, asking=False).drain()
        (waiting,) = db.pending("ENVIO")
        db.call(
            self.manager, "decidir_envio", p_id=waiting["detalhes"]["p_id"], p_decisao="ENTROU", p_motivo="visto na SH6"
        )
        Totvs(db, self.totvs, asking=False).drain()
        assert set(self.states(db).values()) == {"CONFIRMADO"}
        assert len(self.states(db)) == 10

    def people(self, db: Database) -> None:
        """What people did after the dump, and do again when it is lost."""
        db.shut(self.boss, RUNNING, A, T0 + 500)
        for row in db.sql("select * from contagens_retidas"):
            arguments = {"p_decisao": "ATRIBUIR", "p_numero_op": RUNNING, "p_motivo": "conferido"}
            db.call(self.boss, "decidir_retido", p_id=row["id"], **arguments)
        for row in db.sql("select * from quarentena where resolvida_em is null order by id"):
            db.call(self.manager, "resolver_quarentena", p_id=row["id"], p_motivo="conferido, nada a contar")
        self.close(db)

    def close(self, db: Database) -> None:
        db.sign(self.boss, A, DAY, "D1", "conferido")
        db.close_lots()

    def send(self, *lines: str, until: int) -> None:
        marks = [Mark(line, (T0 + until) * 1000, "ok", None) for line in (A, B)]
        assert self.bucket.send(self.gateway.seal(lines, marks)) == ["APLICADO"]

    def report(self, op: str) -> int:
        return int(self.db.one("select min(id) from envios_totvs where numero_op = %s", op))

    def booked(self) -> list[str]:
        """What TOTVS took in for these orders, by name."""
        ops = (BEFORE, OPEN_REPORT, INCOMPLETE, RUNNING, DOUBTFUL)
        return [one["id_externo"] for one in self.totvs.booked() if one["numero_op"] in ops]

    def states(self, db: Database) -> dict[str, str]:
        return {row["id_externo"]: row["situacao"] for row in db.sql("select * from envios_totvs")}


def run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [BINARIES / program, *arguments], capture_output=True, text=True, timeout=LAST_RESORT_S, check=False
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def restored(cluster: migrated.Cluster, dump: Path) -> Iterator[Database]:
    with cluster.fresh("template0") as url:
        run("pg_restore", "--exit-on-error", f"--dbname={url}", str(dump))
        db = Database(url)
        yield db
        db.close()


@pytest.fixture(scope="module")
def s3():
    with emulated_s3() as client:
        yield client


@pytest.fixture(scope="module")
def totvs() -> Iterator[erp.Erp]:
    with temporary_run() as folder:
        yield erp.start(folder)


@pytest.fixture(scope="module")
def lost(cluster, s3, totvs, tmp_path_factory) -> Iterator[tuple[Plant, Path, datetime]]:
    """The plant as it is when the database is lost, and a dump of an earlier moment."""
    with cluster.fresh() as url:
        plant = Plant(Bucket(s3, Database(url)), totvs)
        plant.until_the_dump()
        dump = tmp_path_factory.mktemp("dump") / "sicfar.dump"
        taken = datetime.now(UTC)
        run("pg_dump", "--format=custom", f"--file={dump}", url)
        plant.after_the_dump()
        yield plant, dump, taken
        plant.db.close()


# Without surrogate ids and instants of arrival or of people's acts.
BUSINESS = {
    "ledger": "select chave, versao_id, tamanho, sha256, tipo, gateway, epoca, seq, linhas, de, ate, aceito_tamanho,"
    " aceito_sha256, registros, situacao, motivo from arquivos_ingeridos",
    "quarantine": "select chave, versao_id, motivo, detalhe, linha_id, registros, producao, rejeicao, de, ate, byte_de,"
    " byte_ate, origem, amostra, decisao from quarentena",
    "minutes": "select * from contagens_minuto",
    "spans": "select i.linha_id, desde, i.ate, producao, rejeicao, flags, i.situacao, i.motivo, numero_op,"
    " fator_producao, fator_rejeicao, justificada, a.chave, byte_de, byte_ate from contagens_intervalo as i"
    " inner join arquivos_ingeridos as a on a.id = i.arquivo_id",
    "second sensors": "select * from contagens_conferencia",
    "orders": "select numero_op, linha_id, producao_acumulada, rejeicao_acumulada, producao_maquina, rejeicao_maquina,"
    " primeira_contagem, ultima_contagem from ordens_producao_ativas",
    "periods": "select numero_op, linha_id, intervalo, fator_producao, fator_rejeicao from periodos_ordem",
    "epochs": "select gateway, epoca, ultima_seq_continua, maior_seq from epocas_gateway",
    "marks": "select linha_id, gateway, epoca, ate, estado, relogio_ms from marcas_linha",
    "balances": "select * from conservacao_linhas",
    "closings": "select numero_op, numero_lote, produto_codigo, etapa, produzidas, refugo, amostras, boas,"
    " contador_final, inicio, fim, ressalvas from fechamentos_lote",
    "frozen": "select f.numero_op, t.etapa, linha_id, t.inicio, data, turno, tipo, codigo, quantidade, maquina"
    " from fechamento_totais as t inner join fechamentos_lote as f on f.id = t.fechamento_id",
    "lots": "select numero_op, status from lotes_producao",
    "reports": "select numero_op, ordem, id_externo, tipo, conteudo - 'em' as conteudo, situacao from envios_totvs",
}


def business(db: Database) -> dict[str, list[str]]:
    return {name: sorted(str(tuple(row.values())) for row in db.sql(query)) for name, query in BUSINESS.items()}


def differing(ours: dict[str, list[str]], theirs: dict[str, list[str]]) -> list[tuple[str, str, str]]:
    """Whose table has which row more."""
    found = []
    for name in BUSINESS:
        mine, other = Counter(ours[name]), Counter(theirs[name])
        found += [(name, "more", row) for row in mine - other] + [(name, "less", row) for row in other - mine]
    return found


@pytest.mark.parametrize("asking", [True, False])
def test_p1_p5_an_old_dump_and_the_bucket_restore_all_telling_none_twice(cluster, lost, asking):
    plant, dump, taken = lost
    told = plant.booked()
    assert Counter(told) == dict.fromkeys(plant.states(plant.db), 1)
    with restored(cluster, dump) as db:
        assert declare(db.url, taken, "ti", "o disco do banco se perdeu") == 4
        office = Totvs(db, plant.totvs, asking=asking)
        office.drain()  # before anything else came back
        bucket = Bucket(plant.bucket.s3, db)
        refs = written_since(bucket.s3, BUCKET, taken - timedelta(hours=1))
        # Batches in any order. Of loose files with one content the first that comes counts: in the order of writing.
        batches = [ref for ref in refs if ref.key.startswith("contagens/")]
        random.Random(7).shuffle(batches)
        for ref in [*batches, *(ref for ref in refs if ref not in batches)]:
            bucket.receive(announcement(ref))
        plant.people(db)
        office.drain()
        if asking:
            assert db.pending("ENVIO") == []
        for _ in range(10):  # without a query each report waits for a person who looks at TOTVS
            for row in db.pending("ENVIO"):
                assert row["chave"] in told
                arguments = {"p_decisao": "ENTROU", "p_motivo": "visto na SH6"}
                db.call(plant.manager, "decidir_envio", p_id=row["detalhes"]["p_id"], **arguments)
            office.drain()
        assert plant.booked() == told
        assert differing(business(db), business(plant.db)) == []
        found: list[Difference] = []
        audit(db.url, bucket.s3, BUCKET, found.append, grace_s=0)
        assert found == [], [str(one) for one in found]


# One report at a time -------------------------------------------------------------------------------------------------

OP, LATER = "000301", "000302"


@pytest.fixture
def begun(db: Database) -> Database:
    """An order that ran before the database was lost, another that begins after it is back."""
    db.lot(OP, LATER)
    db.boss, db.manager = db.person("SUPERVISOR"), db.person("GESTOR")
    db.open(db.boss, OP, A, T0)
    db.shut(db.boss, OP, A, T0 + 60)
    return db


def back(db: Database, partial: int = 0) -> None:
    db.sql("update parametros set valor = %s where nome = 'PARCIAIS_SEGUNDOS'", partial)
    with db.as_role("service_role"):
        db.one("select declarar_restauracao(now() - interval '1 hour', 'ti', 'o disco do banco se perdeu')")


def amounts(good: int) -> str:
    return json.dumps({"numero_op": OP, "boas": good, "refugo": 0, "refugos": []})


def test_p5_a_rebuilt_report_with_other_amounts_waits_for_a_person(begun, totvs):
    office = Totvs(begun, totvs, asking=True)
    back(begun)
    lost = {"id_externo": f"SF-{OP}-AJUSTE-0001", "operacao": "AJUSTE", **json.loads(amounts(160))}
    office.post(lost)
    report = begun.one("select interno.criar_envio(%s, 'AJUSTE', %s)", OP, amounts(165))
    office.drain()
    (waiting,) = begun.pending("ENVIO")
    assert waiting["chave"] == f"SF-{OP}-AJUSTE-0001"
    assert "no TOTVS boas é 160, aqui é 165" in waiting["descricao"]
    office.ring(report)
    assert len(booked(totvs, OP)) == 1


def test_p5_one_that_totvs_does_not_have_is_told_once_it_was_asked(begun, totvs):
    office = Totvs(begun, totvs, asking=True)
    back(begun)
    begun.one("select interno.criar_envio(%s, 'ESTORNO', %s)", OP, amounts(7))
    office.drain()
    assert [one["boas"] for one in booked(totvs, OP) if one["operacao"] == "ESTORNO"] == [7]
    assert begun.one("select situacao from envios_totvs") == "CONFIRMADO"


def test_p5_where_partials_may_be_lost_a_person_decides(begun, totvs):
    office = Totvs(begun, totvs, asking=True)
    before = len(totvs.booked())
    back(begun, partial=3600)
    report = begun.one("select interno.criar_envio(%s, 'PARCIAL', %s)", OP, amounts(9))
    office.drain()
    office.ring(report)
    (waiting,) = begun.pending("ENVIO")
    assert "Compare lá o total da OP" in waiting["descricao"]
    assert len(totvs.booked()) == before
    begun.call(begun.manager, "decidir_envio", p_id=report, p_decisao="REENVIAR", p_motivo="não está na SH6")
    office.drain()
    assert len(totvs.booked()) == before + 1


@pytest.mark.parametrize(("state", "number"), [("RECUSADO", 11), ("ESGOTADO", 12), ("PENDENTE", 13)])
def test_p5_a_redriven_report_is_asked_about_all_the_same(begun, totvs, state, number):
    office = Totvs(begun, totvs, asking=True)
    back(begun)
    external = f"SF-{OP}-AJUSTE-{number:04}"
    office.post({"id_externo": external, **json.loads(amounts(3))})
    report = begun.one("select interno.criar_envio(%s, 'AJUSTE', %s)", OP, amounts(3))
    begun.sql("set session_replication_role = replica")
    begun.sql("update envios_totvs set situacao = %s, id_externo = %s", state, external)
    begun.sql("set session_replication_role = default")
    office.ring(report)
    assert office.row(report)["situacao"] == "CONFIRMADO"
    assert len([one for one in totvs.booked() if one["id_externo"] == external]) == 1


def test_p5_an_order_that_begins_after_the_restoration_is_told_as_ever(begun, totvs):
    back(begun)
    begun.open(begun.boss, LATER, B, int(datetime.now(UTC).timestamp()) + 2, None)
    begun.one("select interno.criar_envio(%s, 'STATUS', '{}')", LATER)
    assert begun.sql("select situacao, restaurado from envios_totvs") == [{"situacao": "PENDENTE", "restaurado": False}]


def test_p5_a_message_older_than_the_copy_confirms_no_other_report(begun):
    first = begun.one("select interno.criar_envio(%s, 'PRODUCAO', %s)", OP, amounts(160))
    other = begun.one("select interno.criar_envio(%s, 'STATUS', '{}')", LATER)
    back(begun)

    def say(external: str, number: int) -> None:
        said = {"id_externo": external, "lease": None, "situacao": "CONFIRMADO", "conta": False}
        calls = [{"em": "2026-03-15T00:00:00Z", "sistema": "TOTVS", "sentido": "SAIDA", "operacao": "producao",
                  "resultado": "OK", "envio_id": number}]  # fmt: skip
        with begun.as_role("service_role"):
            begun.one("select concluir_envio(%s, %s)", json.dumps(said), json.dumps(calls))

    say("SF-000999-PRODUCAO-0001", other)
    say(f"SF-{OP}-PRODUCAO-0001", other)
    rows = begun.sql("select id, situacao from envios_totvs order by id")
    assert [(row["id"], row["situacao"]) for row in rows] == [(first, "INCERTO"), (other, "PENDENTE")]
    attempts = begun.sql("select envio_id from tentativas_integracao order by id")
    assert [row["envio_id"] for row in attempts] == [None, first]


def booked(totvs: erp.Erp, op: str) -> list[dict[str, Any]]:
    return [one for one in totvs.booked() if one["numero_op"] == op]


# The commands ---------------------------------------------------------------------------------------------------------


def test_the_command_declares_a_restoration_and_counts_doubtful_reports(begun, s3, monkeypatch, capsys):
    begun.one("select interno.criar_envio(%s, 'STATUS', '{}')", OP)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("LOGNAME", "quem-disse")
    monkeypatch.setenv("DATABASE_URL", begun.url)
    assert (
        main(["restauracao", "declarar", "--copia-de", "2026-03-15T08:00:00-03:00", "--motivo", "disco perdido"]) == 0
    )
    assert capsys.readouterr().out.startswith("1 envios em dúvida")
    (row,) = begun.sql("select copia_de, motivo, parciais, quem from restauracoes")
    assert row.pop("quem").startswith("arn:aws:sts::")
    assert row == {"copia_de": datetime(2026, 3, 15, 11, tzinfo=UTC), "motivo": "disco perdido", "parciais": False}
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert main(["restauracao", "declarar", "--copia-de", tomorrow, "--motivo", "disco perdido"]) == 2
    assert "INSTANTE_FUTURO" in capsys.readouterr().err


def test_p1_the_command_announces_every_version_written_since_as_s3_did(s3, monkeypatch, capsys):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="reanunciar")["QueueUrl"]
    time.sleep(1.1)  # S3 keeps whole seconds
    begun = datetime.now(UTC)
    for name in ("ção e +.txt", "ção e +.txt", *(f"{n}.txt" for n in range(12))):
        s3.put_object(Bucket=BUCKET, Key=f"avulsos/{name}", Body=b"x\n")
    s3.put_object(Bucket=BUCKET, Key="outros/3.txt", Body=b"x\n")
    s3.delete_object(Bucket=BUCKET, Key="avulsos/11.txt")
    command = ["restauracao", "reanunciar", "--bucket", BUCKET, "--fila", queue, "--desde", begun.isoformat()]
    assert main([*command, "--simular"]) == 0
    assert "14 objetos" in capsys.readouterr().out
    assert main([*command, "--por-segundo", "10000"]) == 0
    refs = []
    while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        refs += [ref for message in found for ref in object_refs(message["Body"])]
    assert len({(ref.key, ref.version_id) for ref in refs}) == len(refs) == 14
    assert [ref.written_at for ref in refs] == sorted(ref.written_at for ref in refs)
    assert {ref.key for ref in refs} == {
        f"avulsos/{name}" for name in ("ção e +.txt", *(f"{n}.txt" for n in range(12)))
    }
    with pytest.raises(SystemExit):
        main([*command[:-1], "2026-03-15T08:00:00"])


def test_p6_what_sqs_does_not_take_is_an_error(s3):
    class Refusing:
        def send_message_batch(self, **_: object) -> dict[str, Any]:
            return {"Failed": [{"Id": "0", "Code": "Throttled", "SenderFault": False}]}

    refs = written_since(s3, BUCKET, datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(AnnouncementError, match="Throttled"):
        list(announce(Refusing(), "fila", refs, 10, lambda _seconds: None))


def test_p2_a_restored_copy_asks_totvs_for_all_since_its_last_pull(begun):
    """However old the copy: the mark of what is known came back with it."""
    last = "2026-03-01T00:00:00+00:00"
    begun.one("select concluir_sincronizacao_totvs('ordens', %s, 'COMPLETA', 1, '{}')", last)
    back(begun)
    assert begun.one("select iniciar_sincronizacao_totvs('ordens')")["alterado_desde"] == last
