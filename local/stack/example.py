"""What `events/txt_parser.json` announces: a hand-made count in a bucket that tells nobody, and an order to count for.

The plant's own bucket would announce the file by itself, and the deployed parser would have counted it before
`sam local invoke` could.
"""

from supabase import create_client

from local.stack.stack import Stack
from local.stack.usuarios import as_person, create_operator

BUCKET = "sicfar-exemplos"
KEY = "avulsos/contagem manual da esteira 10.txt"
LINE = "SPEP-EMB-EST10"
OP = "146734"
OPENED = "2026-03-15T08:00:00-03:00"
TEXT = "".join(f"2026-03-15T08:{minute}:00-03:00,{LINE},60,{minute % 2}\n" for minute in range(15, 19))


def prepare(stack: Stack) -> None:
    """Put the file and open the order."""
    stack.aws.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
    stack.aws.s3.put_object(Bucket=BUCKET, Key=KEY, Body=TEXT.encode())
    service = create_client(stack.supabase.url, stack.supabase.secret_key)
    product = {"produto_codigo": "07010006", "descricao": "SOL. GLICOSE 5% 500ML - SF", "unidade": "UN"}
    service.table("produtos").insert(product).execute()
    lot = {"numero_op": OP, "numero_lote": "26C5480E", "produto_codigo": "07010006", "quantidade_planejada": 8627}
    service.table("lotes_producao").insert(lot).execute()
    service.table("fontes_linha").insert({"linha_id": LINE, "fonte": "avulso", "de": OPENED}).execute()
    operator = as_person(stack.supabase, create_operator(stack.supabase, "exemplo@planta.example", "OPERADOR", "SPEP"))
    order = {"p_numero_op": OP, "p_linha_id": LINE, "p_aberta_em": OPENED, "p_motivo": "exemplo de contagem manual"}
    operator.rpc("abrir_ordem", order).execute()


def total(stack: Stack) -> int:
    """Units of the example's order, as a screen reads them."""
    described = stack.described()
    service = create_client(str(described["supabase_url"]), str(described["supabase_secret_key"]))
    rows = service.table("ordens_producao_ativas").select("producao_acumulada").eq("numero_op", OP).execute().data
    return sum(row["producao_acumulada"] for row in rows)  # type: ignore[misc, index, call-overload]
