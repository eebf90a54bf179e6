"""Master data changes by functions: who, why, what it was before; and no two of them ever wait in a circle."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from local.stack.database import T0, Database, batch
from tests.support.refusals import code
from tests.support.rereading import reread

A, B = "SPEP-ENV-A", "SPEP-ENV-B"
WHY = "pedido da engenharia"
USER = "00000000-0000-4000-8000-000000000001"
LINE = {
    "p_linha_id": "SPEP-ENV-J",
    "p_nome": "SPEP03 - Linha J - Envase",
    "p_setor": "SPEP",
    "p_etapa": "ENVASE",
    "p_marca_clp": None,
    "p_ativa": True,
    "p_maximo_por_segundo": 100,
    "p_regra_refugo": "MAQUINA",
}
ACTS: dict[str, dict[str, Any]] = {
    "definir_linha": LINE,
    "definir_fator": {"p_linha_id": A, "p_contador": "producao", "p_fator": 6, "p_de": T0, "p_ate": None},
    "definir_fonte": {"p_linha_id": A, "p_fonte": "avulso", "p_papel": "contagem", "p_de": T0, "p_ate": None},
    "definir_gateway": {"p_gateway": "planta-9", "p_descricao": "sala de TI"},
    "definir_etapa": {"p_prefixo": "0701", "p_etapa": "EMBALAGEM", "p_apontada": True},
    "definir_recurso": {"p_linha_id": A, "p_recurso": "ENV01", "p_centro_custo": "3101"},
    "definir_operacao": {
        "p_prefixo": "",
        "p_etapa": "ENVASE",
        "p_operacao": "10",
        "p_armazem": "01",
        "p_tipo_movimento": "010",
    },
    "definir_minutos_parada": {"p_linha_id": A, "p_minutos": 5},
    "definir_equivalencias_mes": {"p_tipo": "LINHA", "p_ids": '{"SPEP-ENV-A": 11}'},
    "definir_operador": {"p_usuario_id": USER, "p_operador": "000123"},
    "definir_turno": {"p_turno": "D3", "p_inicio": "06:00", "p_fim": "18:00"},
    "definir_parametro": {"p_nome": "PARCIAIS_SEGUNDOS", "p_valor": 3600},
    "definir_pessoa": {"p_usuario_id": USER, "p_nome": "Maria das Dores"},
    "definir_tipo_insumo": {"p_tipo": "EB", "p_descricao": "Embalagem de bulbo"},
    "definir_familia_sem_lote": {"p_prefixo": "0999", "p_descricao": "protótipo"},
}
WRONG = [
    ("definir_linha", {"p_linha_id": "linha j"}, "CODIGO_INVALIDO"),
    ("definir_linha", {"p_nome": "x" * 81}, "TEXTO_LONGO"),
    ("definir_linha", {"p_nome": "SPEP01 - Linha A - Envase"}, "NOME_REPETIDO"),
    ("definir_linha", {"p_setor": "OUTRO"}, "VALOR_INVALIDO"),
    ("definir_linha", {"p_maximo_por_segundo": 0}, "NUMERO_INVALIDO"),
    ("definir_linha", {"p_regra_refugo": None}, "VALOR_INVALIDO"),
    ("definir_fator", {"p_fator": 0}, "NUMERO_INVALIDO"),
    ("definir_fator", {"p_fator": 1001}, "NUMERO_INVALIDO"),
    ("definir_fator", {"p_contador": "peso"}, "VALOR_INVALIDO"),
    ("definir_fator", {"p_linha_id": "LINHA-X"}, "LINHA_DESCONHECIDA"),
    ("definir_fonte", {"p_fonte": "planta-0"}, "GATEWAY_DESCONHECIDO"),
    ("definir_fonte", {"p_papel": "dono"}, "VALOR_INVALIDO"),
    ("definir_fonte", {"p_de": None}, "INTERVALO_INVALIDO"),
    ("definir_fonte", {"p_de": "-infinity"}, "INTERVALO_INVALIDO"),
    ("definir_fonte", {"p_de": "2099-01-01Z"}, "INTERVALO_INVALIDO"),
    ("definir_fonte", {"p_ate": "infinity"}, "INTERVALO_INVALIDO"),
    ("definir_fonte", {"p_ate": T0}, "INTERVALO_INVALIDO"),
    ("definir_gateway", {"p_gateway": "avulso"}, "CODIGO_INVALIDO"),
    ("definir_gateway", {"p_gateway": "Planta 1"}, "CODIGO_INVALIDO"),
    ("definir_gateway", {"p_descricao": "x" * 201}, "TEXTO_LONGO"),
    ("definir_gateway", {"p_descricao": "duas\nlinhas"}, "TEXTO_INVALIDO"),
    ("definir_etapa", {"p_prefixo": "", "p_etapa": "ENVASE", "p_apontada": None}, "SEM_ETAPA_APONTADA"),
    ("definir_turno", {"p_turno": "noite"}, "CODIGO_INVALIDO"),
    ("definir_turno", {"p_inicio": "06:00:30"}, "INTERVALO_INVALIDO"),
    ("definir_parametro", {"p_nome": "NADA"}, "PARAMETRO_DESCONHECIDO"),
    ("definir_parametro", {"p_valor": 86_401}, "NUMERO_INVALIDO"),
    ("definir_pessoa", {"p_nome": "M"}, "TEXTO_INVALIDO"),
    ("definir_recurso", {"p_linha_id": "LINHA-X"}, "LINHA_DESCONHECIDA"),
    ("definir_recurso", {"p_recurso": "x" * 21}, "TEXTO_LONGO"),
    ("definir_operacao", {"p_prefixo": "0999"}, "ETAPA_DESCONHECIDA"),
    ("definir_operacao", {"p_armazem": "01\n02"}, "TEXTO_INVALIDO"),
    ("definir_operador", {"p_usuario_id": None}, "PESSOA_DESCONHECIDA"),
    ("definir_minutos_parada", {"p_minutos": 0}, "NUMERO_INVALIDO"),
    ("definir_minutos_parada", {"p_linha_id": "LINHA-X"}, "LINHA_DESCONHECIDA"),
]


@pytest.fixture
def plant(db: Database) -> Database:
    db.gateway("planta-1", A, B)
    db.lot("000123", "146734")
    db.boss = db.person("ADMIN")
    return db


@pytest.mark.parametrize("function", ACTS)
def test_p7_each_change_says_who_why_and_what_it_was(plant: Database, function: str) -> None:
    if function == "definir_operador":
        plant.call(plant.boss, "definir_pessoa", **ACTS["definir_pessoa"], p_motivo=WHY)
    before = plant.one("select max(id) from trilha_auditoria")
    plant.call(plant.boss, function, **ACTS[function], p_motivo=WHY)
    rows = plant.sql("select * from trilha_auditoria where id > %s", before)
    assert rows
    for row in rows:
        assert (str(row["usuario_id"]), row["papel"], row["motivo"]) == (plant.boss, "ADMIN", WHY)
        assert row["antes"] or row["depois"]
    plant.sql("update gateways set descricao = 'outra' where gateway = 'planta-1'")
    (later,) = plant.sql("select papel, motivo from trilha_auditoria order by id desc limit 1")
    assert later == {"papel": "postgres", "motivo": None}


@pytest.mark.parametrize("function", ACTS)
def test_p9_only_management_changes_master_data_and_says_why(plant: Database, function: str) -> None:
    assert code(lambda: plant.call(plant.person("SUPERVISOR"), function, **ACTS[function], p_motivo=WHY)) == (
        "PT403",
        "SEM_PERMISSAO",
    )
    for reason, why in (("x", "MOTIVO_OBRIGATORIO"), ("x" * 2001, "TEXTO_LONGO")):
        assert code(partial(plant.call, plant.boss, function, **ACTS[function], p_motivo=reason)) == ("PT422", why)


@pytest.mark.parametrize(("function", "wrong", "why"), WRONG)
def test_p10_what_makes_no_sense_is_refused_readably(
    plant: Database, function: str, wrong: dict[str, Any], why: str
) -> None:
    assert code(lambda: plant.call(plant.boss, function, **{**ACTS[function], **wrong}, p_motivo=WHY))[1] == why
    assert plant.one("select count(*) from trilha_auditoria where motivo = %s", WHY) == 0


def test_p9_a_sectors_management_changes_its_own_lines_alone(plant: Database) -> None:
    person = plant.person("GESTOR", "SPEP")
    plant.call(person, "definir_linha", **LINE, p_motivo=WHY)
    plant.call(person, "definir_fator", **ACTS["definir_fator"], p_motivo=WHY)
    for change in ({**LINE, "p_setor": "SPPV"}, {**LINE, "p_linha_id": "SPPV-ENV-VIDRO01"}):
        assert code(partial(plant.call, person, "definir_linha", **change, p_motivo=WHY))[1] == "SEM_PERMISSAO"


def test_p4_the_hours_of_shifts_in_use_stay(plant: Database) -> None:
    plant.call(plant.boss, "definir_turno", p_turno="D1", p_inicio="05:00", p_fim="18:00", p_motivo=WHY)
    plant.call(plant.boss, "definir_turno", p_turno="D1", p_inicio="06:00", p_fim="18:00", p_motivo=WHY)
    plant.owner("SPEP-EMB-EST02", "manual")
    operator = plant.person("OPERADOR", "SPEP")
    plant.open(operator, "000123", "SPEP-EMB-EST02", T0)
    count = {"p_numero_op": "000123", "p_linha_id": "SPEP-EMB-EST02", "p_data": "2026-03-15", "p_turno": "D1"}
    plant.call(operator, "registrar_contagem_manual", **count, p_producao=5)
    for turno, start in (("D1", "05:00"), ("D3", "07:00")):
        assert code(
            partial(plant.call, plant.boss, "definir_turno", p_turno=turno, p_inicio=start, p_fim="18:00", p_motivo=WHY)
        ) == ("PT409", "TURNO_EM_USO")
    plant.call(plant.boss, "definir_turno", p_turno="D3", p_inicio="06:00", p_fim="18:00", p_motivo=WHY)


def test_p1_what_came_before_line_and_gateway_were_known_counts(plant: Database) -> None:
    early = batch(1, {"SPEP-ENV-J": {T0: (4, 1)}}, gateway="planta-9")
    plant.record(early)
    stray = batch(2, {"SPEP-ENV-J": {T0 + 1: (2, 0)}})
    plant.record(stray)
    assert plant.call(plant.boss, "definir_gateway", **ACTS["definir_gateway"], p_motivo=WHY)["a_reler"] == 1
    plant.call(plant.boss, "definir_linha", **LINE, p_motivo=WHY)
    reread(plant, early)
    owner = {"p_linha_id": "SPEP-ENV-J", "p_papel": "contagem", "p_motivo": WHY}
    done = plant.call(plant.boss, "definir_fonte", **owner, p_fonte="planta-9", p_de=T0, p_ate=None)
    assert done["a_reler"] == 1
    reread(plant, early, stray)
    assert plant.balance("SPEP-ENV-J") == {
        "recebido": (6, 1),
        "atribuido": (0, 0),
        "sem_ordem": (4, 1),
        "retido": (0, 0),
        "quarentena": (2, 0),
    }


def test_p1_no_change_of_master_data_waits_in_a_circle_with_counting(plant: Database) -> None:
    """Batches over all lines, in any order of theirs, while each line's sources, factors and name change."""
    lines = [A, B, "SPEP-ENV-C", "SPEP-ENV-D"]
    plant.gateway("planta-2")
    for line in lines[2:]:
        plant.owner(line, "planta-1")
    over = threading.Event()

    def count(source: str, seed: int) -> None:
        db, chance, seq = Database(plant.url), random.Random(seed), 0
        while not over.is_set():
            seq += 1
            counted = {line: {T0 + chance.randrange(900): (1, 0)} for line in chance.sample(lines, 3)}
            epoch = f"{seed:032x}"
            assert db.situations(batch(seq, counted, gateway=source, epoch=epoch)) == ["APLICADO"]
        db.close()

    def change(seed: int) -> None:
        db, chance = Database(plant.url), random.Random(seed)
        for _ in range(25):
            line = chance.choice(lines)
            since = T0 + chance.randrange(900)
            when = {"p_linha_id": line, "p_de": since, "p_ate": since + chance.randrange(1, 300), "p_motivo": WHY}
            if chance.random() < 0.7:
                source, role = chance.choice(["planta-1", "planta-2"]), chance.choice(["contagem", "conferencia"])
                db.call(plant.boss, "definir_fonte", p_fonte=source, p_papel=role, **when)
            else:
                db.call(plant.boss, "definir_fator", p_contador="producao", p_fator=chance.randrange(1, 9), **when)
        db.close()

    with ThreadPoolExecutor(8) as pool:
        counting = [pool.submit(count, f"planta-{n % 2 + 1}", n + 1) for n in range(4)]
        changing = [pool.submit(change, n) for n in range(4)]
        try:
            for one in changing:
                one.result()
        finally:
            over.set()
        for one in counting:
            one.result()
    assert plant.one("select deadlocks from pg_stat_database where datname = current_database()") == 0
    for line in lines:
        plant.balance(line)
