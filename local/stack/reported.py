"""The plant's lines past their parallel run: what stacks, tests and benchmarks begin with, for they follow orders to
TOTVS."""

import psycopg


def report_all_lines(url: str) -> None:
    """Have the orders of every line there is reported to TOTVS, whenever they were opened."""
    with psycopg.connect(url) as connection:
        connection.execute("insert into apontamentos_linha (linha_id, de) select linha_id, '2000-01-01Z' from linhas")
