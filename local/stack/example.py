"""What `events/txt_parser.json` announces: a hand-made count in a bucket that tells nobody, and an order to count for.

The plant's own bucket would announce the file by itself, and the deployed parser would have counted it before
`sam local invoke` could.
"""

import psycopg
from supabase import create_client

from local.stack.stack import Stack
from local.stack.usuarios import as_person, create_everybody, create_operator
from sicfar.counts.keys import LOOSE

BUCKET = "sicfar-exemplos"
KEY = f"{LOOSE}contagem manual da esteira 10.txt"
LINE = "SPEP-EMB-EST10"
OP = "146734"
OPENED = "2026-03-15T08:00:00-03:00"
TEXT = "".join(f"2026-03-15T08:{minute}:00-03:00,{LINE},60,{minute % 2}\n" for minute in range(15, 19))
_ORDER = """
with produto as (
    insert into produtos (produto_codigo, descricao, unidade) values ('07010006', 'SOL. GLICOSE 5%% 500ML - SF', 'UN')
    returning produto_codigo
)
insert into lotes_producao (numero_op, numero_lote, produto_codigo, quantidade_planejada)
select %(op)s, '26C5480E', produto_codigo, 8627 from produto
"""
"""What TOTVS would have sent."""


def prepare(stack: Stack) -> None:
    """Put the file, open the order, and let people in at the screens."""
    stack.aws.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
    stack.aws.s3.put_object(Bucket=BUCKET, Key=KEY, Body=TEXT.encode())
    with psycopg.connect(stack.database.url) as connection:
        connection.execute(_ORDER, {"op": OP})
    manager = as_person(stack.supabase, create_operator(stack, "exemplo-gestor@planta.example", "GESTOR"))
    source = {"p_linha_id": LINE, "p_fonte": "avulso", "p_papel": "contagem", "p_de": OPENED, "p_ate": None}
    manager.rpc("definir_fonte", {**source, "p_motivo": "a esteira é contada à mão"}).execute()
    operator = as_person(stack.supabase, create_operator(stack, "exemplo@planta.example", "OPERADOR", "SPEP"))
    order = {"p_numero_op": OP, "p_linha_id": LINE, "p_aberta_em": OPENED, "p_motivo": "exemplo de contagem manual"}
    operator.rpc("abrir_ordem", order).execute()
    create_everybody(stack)


def total(stack: Stack) -> int:
    """Units of the example's order, as a screen reads them."""
    described = stack.described()
    service = create_client(str(described["supabase_url"]), str(described["supabase_secret_key"]))
    rows = service.table("ordens_producao_ativas").select("producao_acumulada").eq("numero_op", OP).execute().data
    return sum(row["producao_acumulada"] for row in rows)  # type: ignore[misc, index, call-overload]
