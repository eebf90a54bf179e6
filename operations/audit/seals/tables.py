"""The tables whose rows are sealed. All are append-only and have a number of their own, `id`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table of `public`.

    ``instant``: the column in which the database itself wrote when the row was made; None where the writer says when
    it happened, which may be long before. ``part``: a table whose rows are made with the row and sealed in it, and the
    column by which they name it.
    """

    name: str
    instant: str | None
    part: tuple[str, str] | None = None


SEALED = tuple(
    sorted(
        (
            SealedTable("trilha_auditoria", "em"),
            SealedTable("diarios_bordo", "assinado_em"),
            SealedTable("confirmacoes_turno", "em"),
            SealedTable("devolucoes_diario", "em"),
            SealedTable("perdas_qualidade", "registrada_em"),
            SealedTable("contagens_manuais", "registrada_em"),
            SealedTable("conferencia_manual", "registrada_em"),
            SealedTable("conciliacoes_refugo", "em"),
            SealedTable("decisoes_ordem", "em"),
            SealedTable("reconhecimentos_op", "em"),
            SealedTable("sequencias_anuladas", "em"),
            SealedTable("restauracoes", "declarada_em"),
            SealedTable("revisoes", "assinado_em"),
            SealedTable("tratamentos_mensagens", "em"),
            SealedTable("mensagens_descartadas", "em"),
            SealedTable("fechamentos_lote", "fechado_em", ("fechamento_totais", "fechamento_id")),
            SealedTable("alteracoes_op", "em"),
            SealedTable("recebimentos_totvs", None),
            SealedTable("tentativas_integracao", None),
        ),
        key=lambda table: table.name,
    )
)
BY_NAME = {table.name: table for table in SEALED}
