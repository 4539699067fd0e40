"""The arrows of docs/architecture.md: who may import whom."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# The settings of larger concerns.
SECTIONS = tuple(
    f"server.settings_{name}"
    for name in ("blobs", "data_centre", "delivery", "encryption", "printing", "web")
)
# A room and the rooms that it may look into. The most specific room of a module counts.
ARROWS: dict[str, frozenset[str]] = {
    "server.domain": frozenset(),
    "server.errors": frozenset(),
    "server.settings_section": frozenset(),
    **dict.fromkeys(SECTIONS, frozenset({"server.settings_section"})),
    "server.settings": frozenset({"server.settings_section", *SECTIONS}),
    "server.settings_file": frozenset(
        {"server.settings", "server.settings_section", "server.problem_texts"}
    ),
    "server.problem_texts": frozenset(),
    "server.pki": frozenset(),
    "server.xmlio": frozenset({"server.domain"}),
    "server.printing": frozenset({"server.domain", "server.problem_texts"}),
    "server.printing.outputs": frozenset(
        {"server.printing", "server.domain", "server.xmlio", "clients"}
    ),
    "persistence": frozenset({"server.domain"}),
    "clients": frozenset(),
    "server.services": frozenset(
        {
            "server.domain",
            "server.xmlio",
            "server.printing",
            "server.pki",
            "persistence",
            "clients",
        }
    ),
    "server.soap": frozenset({"server.services", "server.domain", "server.xmlio"}),
    "server.worker": frozenset({"server.services"}),
    "server.web": frozenset({"server.services", "server.domain"}),
    "server.demo": frozenset({"server.domain"}),
    "server.testdata": frozenset({"server.domain", "server.xmlio", "server.demo"}),
}

# The modules that put the parts together; nothing but they themselves may import them.
CLI, BOOTSTRAP = (
    tuple(sorted(f"server.{path.stem}" for path in (ROOT / "server").glob(f"{start}*.py")))
    for start in ("cli", "bootstrap")
)
ASSEMBLY = (
    *BOOTSTRAP,
    *CLI,
    "server.running",
)

# A library and the only rooms that may use it.
LIBRARIES: dict[str, tuple[str, ...]] = {
    "spyne": ("server.soap",),
    "python_multipart": ("server.soap.multipart", "clients.multipart"),
    "lxml": ("server.xmlio", "server.soap"),
    "sqlalchemy": ("persistence",),
    "alembic": ("persistence",),
    "zeep": ("clients",),
    "stdnum": (
        "server.services.ersuchen_rules",
        "server.services.directory_data.fields",
        "server.printing.epc_code",
    ),
    "openpyxl": ("server.services.directory_data.sheets", "server.services.figures.export"),
    "pygal": ("server.web.charts",),
    "rapidfuzz": ("server.services.address_resolution",),
    "clamav_client": ("clients",),
    "requests": ("clients",),
    "tenacity": ("clients.xta.retry", "persistence.failures"),
    "cryptography": (
        "server.pki",
        "server.xmlio.signature",
        "server.xmlio.encryption",
        "persistence.blobs.master_key",
    ),
    "tink": ("persistence.blobs.encryption",),
    "obstore": ("persistence.blobs.objects",),
    "signxml": ("server.xmlio.signature",),
    "typst": ("server.printing", "server.demo"),
    "pikepdf": ("server.printing", "server.running.walkthrough"),
    "pypdfium2": ("server.printing.proof", "server.printing.logo_pdf"),
    "segno": ("server.services.web_access.second_factor",),
    "zxingcpp": ("server.printing.epc_code",),
    "flask": ("server.web", "server.bootstrap_web"),
    "werkzeug": ("server.web",),
    "jinja2": ("server.web",),
    "markupsafe": ("server.web",),
    "wtforms": ("server.web",),
    "argon2": ("server.services.web_access.passwords",),
    "pyotp": ("server.services.web_access.second_factor",),
    "authlib": ("clients.oidc",),
    "joserfc": ("clients.oidc",),
    "holidays": ("server.services.batching.public_holidays",),
    "ppf": ("server.printing.marks",),
    "gunicorn": ("server.running.http_server", "server.running.patient_worker"),
    "click": CLI,
    "pydantic": (
        "server.settings",
        "server.settings_section",
        *SECTIONS,
        "server.settings_file",
        "server.printing.options",
        "server.printing.outputs",
    ),
    "pydantic_core": ("server.settings_file", "server.problem_texts"),
    "paramiko": ("clients.sftp",),
    "pyipp": ("clients.ipp",),
    "requests_toolbelt": ("clients.print_service",),
    "pytest": ("server.printing.plugin_contract",),
}


def list_modules() -> Iterator[tuple[str, Path]]:
    for package in ("server", "persistence", "clients"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(part for part in parts if part != "__init__"), path


def list_imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def is_within(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def is_assembly(module: str) -> bool:
    return any(is_within(module, room) for room in ASSEMBLY)


def find_room(module: str) -> str | None:
    rooms = [room for room in ARROWS if is_within(module, room)]
    return max(rooms, key=len, default=None)


def is_allowed(module: str, target: str) -> bool:
    if is_assembly(module):
        return True
    if target == "server.errors":
        return not is_within(module, "clients")
    if is_assembly(target):
        return False
    room, target_room = find_room(module), find_room(target)
    return room == target_room or (room is not None and target_room in ARROWS[room])


MODULES = [pytest.param(module, path, id=module) for module, path in list_modules()]


@pytest.mark.parametrize(("module", "path"), MODULES)
def test_imports_follow_the_arrows(module: str, path: Path) -> None:
    ours = [name for name in list_imports(path) if find_room(name) or is_assembly(name)]
    wrong = [target for target in ours if not is_allowed(module, target)]
    room = find_room(module)
    allowed = ", ".join(sorted(ARROWS[room])) if room else "nothing"
    assert not wrong, (
        f"{module} lies in {room} and may look into {allowed or 'nothing'}, "
        f"but imports {wrong}. See docs/architecture.md, Arrows."
    )


@pytest.mark.parametrize(("module", "path"), MODULES)
def test_libraries_stay_in_their_rooms(module: str, path: Path) -> None:
    wrong = [
        name
        for name in list_imports(path)
        if (rooms := LIBRARIES.get(name.partition(".")[0]))
        and not any(is_within(module, room) for room in rooms)
    ]
    assert not wrong, f"{module} uses {wrong}. See docs/architecture.md, Libraries."


@pytest.mark.parametrize(("module", "path"), MODULES)
def test_domain_uses_the_standard_library_only(module: str, path: Path) -> None:
    if not is_within(module, "server.domain"):
        return
    foreign = [
        name
        for name in list_imports(path)
        if name.partition(".")[0] not in STANDARD_LIBRARY and not is_within(name, "server.domain")
    ]
    assert not foreign, f"{module} decides, it uses nothing: {foreign}"


STANDARD_LIBRARY = frozenset(
    {
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "functools",
        "hashlib",
        "ipaddress",
        "itertools",
        "operator",
        "re",
        "typing",
        "unicodedata",
        "zoneinfo",
    }
)


def test_every_module_has_a_room() -> None:
    homeless = [
        module
        for module, _ in list_modules()
        if not is_assembly(module) and module != "server" and find_room(module) is None
    ]
    assert homeless == []


def test_a_wrong_arrow_would_be_seen() -> None:
    assert not is_allowed("server.domain.message", "server.services.sending")
    assert not is_allowed("persistence.database", "server.services.sending")
    assert not is_allowed("clients.xta", "server.domain.message")
    assert not is_allowed("server.services.sending", "server.soap.gateway")
    assert not is_allowed("server.soap.gateway", "server.bootstrap")
    assert not is_allowed("server.web.pages.inbox", "persistence.database")
    assert not is_allowed("server.web.pages.inbox", "server.xmlio.ersuchen")
    assert is_allowed("server.web.pages.inbox", "server.services.inbox")
    assert is_allowed("server.services.sending", "persistence.database")
