"""Who may import whom, by floors and folders, and what keeps to its side of the boundary: shapes, words, places."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sicfar.counts import keys

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers" / "sicfar" / "sicfar"
FLOORS = (
    {"boundary", "errors", "instants", "validation"},
    {"settings", "counts", "aws", "database"},
    {"references"},
    {"webhooks"},
    {"ingest", "totvs", "closing", "digest", "dead_letters", "handlers"},
)
"""The rooms of the layer; each imports from lower floors only."""
GATEWAY = ROOT / "edge_gateway"
GATEWAY_FLOORS = (
    {"worker"},
    {"clock", "filesystems", "source", "section", "logs", "s3_client"},
    {"json_file", "machines.counting", "machines.description", "machines.modbus_config", "machines.opcua_config"},
    {"folders.format_config", "folders.instant_format", "folders.names", "folders.place"},
    {"config", "conflicts"},
    {"machines"},
    {"folders", "spool"},
    {"health", "uploader"},
    {"engine", "page"},
    {"commands"},
    {"service"},
    {"__main__"},
)
"""The gateway, from its sources' boundary up. What only describes what may be configured stands below its room;
`conflicts` judges what `config` has read, and the two are one room."""
MAY_IMPORT = {
    "layers/sicfar/sicfar": {"sicfar"},
    "edge_gateway": {"edge_gateway", "sicfar"},
    "functions": {"sicfar"},
    "operations": {"operations", "sicfar"},
    "local": {"local", "edge_gateway", "operations", "sicfar"},
    "benchmarks": {"benchmarks", "local", "edge_gateway", "operations", "sicfar"},
}
PRODUCT = ("layers/sicfar/sicfar", "edge_gateway", "functions", "operations")
BOTH = {
    "bucket",
    "data",
    "flags",
    "gateway",
    "id",
    "items",
    "lease",
    "lengths",
    "order",
    "s3",
    "seq",
    "sha256",
    "status",
    "url",
}
"""Words of the tables and of what is sent that are English too."""
OURS = {"sicfar", "edge_gateway", "functions", "operations", "local", "benchmarks", "tests"}


@functools.cache
def syntax(path: Path) -> list[ast.AST]:
    """Every node of a module's syntax; read once, for all tests."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imported(path: Path) -> Iterator[str]:
    """Every name a module imports, in full, wherever it does."""
    for node in syntax(path):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            yield from (f"{node.module}.{one.name}" for one in node.names)


def modules(folder: str) -> list[Path]:
    found = sorted(path for path in (ROOT / folder).rglob("*.py") if not {".venv", "node_modules"} & set(path.parts))
    assert found, folder
    return found


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_no_folder_imports_what_stands_above_it(folder):
    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(folder)
        for name in imported(path)
        if name.split(".")[0] in OURS - MAY_IMPORT[folder]
    }
    assert wrong == set()


def test_a_room_of_the_layer_imports_lower_floors_only():
    floor_of = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    found = {path.stem for path in LAYER.iterdir() if path.name not in ("__init__.py", "__pycache__", "py.typed")}
    assert found == set(floor_of)
    wrong = set()
    for path in modules("layers/sicfar/sicfar"):
        room = path.relative_to(LAYER).parts[0].removesuffix(".py")
        for name in imported(path):
            package, _, rest = name.partition(".")
            other = rest.split(".")[0]
            if package == "sicfar" and other != room and floor_of[other] >= floor_of[room]:
                wrong.add(f"{path.relative_to(LAYER)}: {name}")
    assert wrong == set()


def gateway_floor(module: str) -> tuple[int, str]:
    """The floor of a module of the gateway, and its room."""
    names = module.removeprefix("edge_gateway.").split(".")
    floor_of = {room: number for number, rooms in enumerate(GATEWAY_FLOORS) for room in rooms}
    room = next((name for name in (".".join(names[:2]), names[0]) if name in floor_of), None)
    assert room, f"{module} has no floor"
    return floor_of[room], "config" if room == "conflicts" else names[0]


def test_a_module_of_the_gateway_imports_from_its_own_room_or_lower_floors():
    wrong = set()
    for path in modules("edge_gateway"):
        place = path.relative_to(GATEWAY).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        if place == "__init__":
            continue
        floor, room = gateway_floor(place)
        for name in imported(path):
            if name.startswith("edge_gateway."):
                other, other_room = gateway_floor(name)
                if other > floor or (other == floor and other_room != room):
                    wrong.add(f"{place}: {name}")
    assert wrong == set()


def test_the_gateway_takes_formats_and_validation_from_the_layer():
    rooms = {
        name.split(".")[1] for path in modules("edge_gateway") for name in imported(path) if name.startswith("sicfar.")
    }
    assert rooms == {"counts", "errors", "instants", "validation"}


def test_the_layout_of_the_bucket_is_written_in_one_module():
    places = {
        path.relative_to(ROOT).as_posix()
        for folder in MAY_IMPORT
        for path in modules(folder)
        for node in syntax(path)
        if isinstance(node, ast.Constant) and str(node.value).startswith((keys.BATCHES, keys.LOOSE))
    }
    assert places == {"layers/sicfar/sicfar/counts/keys.py"}


def nodes(*folders: str) -> Iterator[tuple[str, ast.AST]]:
    """Every node of the modules' syntax, with the module's path."""
    for folder in folders:
        for path in modules(folder):
            place = path.relative_to(ROOT).as_posix()
            yield from ((place, node) for node in syntax(path))


def test_no_mapping_to_anything_is_in_the_product():
    """A rule reads what a model has checked."""
    loose = re.compile(r"(dict|Dict|Mapping|MutableMapping)\[.*, Any\]")
    found = {
        f"{place}: {text}"
        for place, node in nodes(*PRODUCT)
        if isinstance(node, ast.Subscript) and loose.fullmatch(text := ast.unparse(node))
    }
    assert found == set()


def columns() -> set[str]:
    """The names of the tables' columns."""
    found = {
        column
        for path in (ROOT / "supabase" / "schemas").glob("*.sql")
        for table in re.findall(r"create table [\w.]+ \((.*?)\n\)", path.read_text(encoding="utf-8"), re.DOTALL)
        for column in re.findall(r"^    ([a-z_0-9]+) [a-z]", table, re.MULTILINE)
    }
    return found - {"check", "constraint", "exclude", "foreign", "primary", "unique"}


def named(node: ast.AST) -> Iterator[str]:
    """The names a node gives to a field, a parameter or a variable."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg


def test_names_inside_are_none_of_those_that_cross():
    """Columns, and the aliases of what is sent and read, are Portuguese; what is read from them has an English name."""
    aliases = {
        str(node.value.value)
        for _, node in nodes(*PRODUCT)
        if isinstance(node, ast.keyword) and node.arg == "alias" and isinstance(node.value, ast.Constant)
    }
    assert {"linha_id", "numero_op"} <= columns() & aliases
    crossing = (columns() | aliases) - BOTH
    assert {f"{place}: {name}" for place, node in nodes(*PRODUCT) for name in named(node) if name in crossing} == set()
