"""The documents, as Markdown: generated whole, never edited by hand."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from local.validation import protocols, requirements
from local.validation.collecting import NamedTest, chosen
from local.validation.protocols import Step
from local.validation.requirements import Requirement
from local.validation.results import Results

_MADE = "<!-- Gerado por `make validacao`; não se edita à mão. -->"
_FEW = 3
"""So many files are named in a row."""
_MATRICES = (
    ("Promessas do produto", "Promessa", requirements.PROMISES, ""),
    ("Especificação", "Item", requirements.SPECIFICATION, ""),
    ("21 CFR Part 11", "Item", requirements.CFR, ""),
    (
        "ANVISA: RDC 658/2022 e IN 134/2022",
        "Anexo 11, item",
        requirements.ANNEX_11,
        (
            "A IN 134/2022 (art. 1º) adota para sistemas computadorizados as diretrizes do PIC/S, complementares às da "
            "RDC 658/2022. As linhas seguem os itens do Anexo 11 do PIC/S; o artigo correspondente da IN e o da RDC: "
            "item a conferir."
        ),
    ),
    ("ALCOA+", "Atributo", requirements.ALCOA, ""),
)


def matrix(tests: Sequence[NamedTest], results: Results, version: str) -> str:
    """docs/validacao.md."""
    return "\n".join(_matrix(tests, results, version)) + "\n"


def _matrix(tests: Sequence[NamedTest], results: Results, version: str) -> Iterator[str]:
    promising = [one for one in tests if one.promise]
    yield f"{_MADE}\n\n# Validação\n"
    yield f"Versão: `{version}`. {len(promising)} testes levam no nome a promessa que guardam, de {len(tests)}.\n"
    yield (
        "Cada linha: o que se pede, como se atende, os testes que o mostram e o último resultado deles. Eles vêm "
        "dos nomes (`test_p4_…` promete P4), não de uma lista; estão no fim. O que o produto não responde "
        "diz de quem é.\n"
    )
    yield from _runs(results)
    for title, head, rows, note in _MATRICES:
        yield f"## {title}\n"
        if note:
            yield f"{note}\n"
        yield f"| {head} | o que se pede | como se atende | testes | resultado | de quem é o resto |"
        yield "|---|---|---|---|---|---|"
        for row in rows:
            yield _row(row, tests, results)
        yield ""
    yield "## Testes por promessa\n"
    by_file: dict[tuple[str, str], list[NamedTest]] = defaultdict(list)
    for one in promising:
        by_file[one.promise, one.file].append(one)
    for (promise, file), found in sorted(by_file.items(), key=lambda item: (int(item[0][0][1:]), item[0][1])):
        names = ", ".join(f"`{one.name}`" for one in found)
        yield f"- {promise} · [`{file}`](../{file}) · {results.of(found)}: {names}"


def _runs(results: Results) -> Iterator[str]:
    if not results.runs:
        yield "Nenhuma corrida está registrada: rode `make test` e depois `make validacao`.\n"
        return
    yield "| corrida | começou (UTC) | do commit | casos |\n|---|---|---|---|"
    for run in results.runs:
        yield f"| `make {run.target}` | {run.at} | `{run.commit}` | {run.cases} |"
    yield ""


def _row(row: Requirement, tests: Sequence[NamedTest], results: Results) -> str:
    found = chosen(tests, row.promises, row.words) if row.words else []
    files = {one.file for one in found}
    shown = ", ".join(f"`{one}`" for one in sorted(files))
    if len(files) > _FEW:
        shown = f"{len(found)} em {len(files)} arquivos"
    result = results.of(found) if found else "–"
    return f"| {row.source} | {row.text} | {row.met} | {shown or '–'} | {result} | {row.owner or '–'} |"


def protocol(title: str, steps: Iterable[Step], tests: Sequence[NamedTest], results: Results, version: str) -> str:
    """A protocol of docs/qualificacao."""
    lines = [
        f"{_MADE}\n\n# {title}\n",
        f"Versão qualificada: `{version}`. Ambiente: ______________________ Protocolo nº: ______________\n",
        (
            "Os passos com resultado escrito correm por si, e o resultado é o da última corrida "
            "([validação](../validacao.md) diz de que commit e quando); os demais são feitos e assinados por pessoas. "
            "Um passo que não dá o esperado é um desvio: abre-se, trata-se e repete-se o passo.\n"
        ),
        "| nº | o que se faz | o que se espera | resultado | conforme | data e assinatura |\n|---|---|---|---|---|---|",
    ]
    for number, step in enumerate(steps, 1):
        found = chosen(tests, step.promises, step.words) if step.words else []
        result = f"{len(found)} testes: {results.of(found)}" if found else ""
        lines.append(f"| {number} | {step.done} | {step.expected} | {result or '________'} | ☐ sim ☐ não | ________ |")
    lines += [
        "\n## Desvios\n",
        "| nº do passo | o que houve | como se tratou | assinatura e data |\n|---|---|---|---|",
        "| | | | |",
        "| | | | |",
        "\n## Conclusão\n",
        "☐ Qualificado ☐ Qualificado com restrições: ______________________ ☐ Não qualificado\n",
        "| papel | nome | assinatura | data |\n|---|---|---|---|",
        "| Executou | | | |",
        "| Conferiu (TI) | | | |",
        "| Aprovou (Garantia da Qualidade) | | | |",
    ]
    return "\n".join(lines) + "\n"


def documents(tests: Sequence[NamedTest], results: Results, version: str) -> dict[str, str]:
    """Every document by its path."""
    return {
        "docs/validacao.md": matrix(tests, results, version),
        "docs/qualificacao/instalacao.md": protocol(
            "Qualificação de instalação (QI)", protocols.INSTALLATION, tests, results, version
        ),
        "docs/qualificacao/operacao.md": protocol(
            "Qualificação de operação (QO)", protocols.OPERATION, tests, results, version
        ),
    }
