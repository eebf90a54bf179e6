"""What an audit says in the end."""

from pydantic import Field

from sicfar.boundary import Boundary


class Summary(Boundary):
    """How much was looked at, and how much of it is wrong."""

    objects: int = Field(0, alias="objetos")
    files: int = Field(0, alias="lancamentos")
    on_their_way: int = Field(0, alias="a_caminho")
    """Objects of the last minutes that no ledger row names yet."""
    orders: int = Field(0, alias="ordens")
    lines: int = Field(0, alias="linhas")
    minutes: int = Field(0, alias="minutos")
    seals: int | None = Field(None, alias="selos")
    """Seals whose rows were looked at; None: this audit was given no chain."""
    sealed_rows: int = Field(0, alias="registros_selados")
    last_seal: int = Field(0, alias="ultimo_selo")
    """The end of the chain."""
    signatures: int = Field(0, alias="assinaturas")
    master_tables: int = Field(0, alias="cadastros")
    differences: int = Field(0, alias="diferencas")

    @property
    def clean(self) -> bool:
        """The verdict: nothing differs."""
        return self.differences == 0

    def __str__(self) -> str:
        """The last line of the report."""
        found = f"{self.differences} diferenças" if self.differences else "vazio: nenhuma diferença"
        waiting = f", {self.on_their_way} objetos a caminho" if self.on_their_way else ""
        sealed = (
            "; sem os selos"
            if self.seals is None
            else f"; {self.seals} selos, {self.sealed_rows} registros selados, {self.signatures} assinaturas"
        )
        return (
            f"auditoria: {found} em {self.objects} objetos, {self.files} lançamentos, "
            f"{self.orders} totais de OP, {self.lines} linhas, {self.minutes} minutos{waiting}{sealed}"
        )
