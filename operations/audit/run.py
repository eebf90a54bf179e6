"""The whole audit: the bucket against the ledger, object by object; then what the objects come to against every total.

What is on its way is no difference: an object of the last minutes that no ledger row names yet. Everything else is read
in one snapshot of the database, taken before the bucket is listed.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import chain, islice
from typing import TYPE_CHECKING

from operations.audit.apart import shown, taken
from operations.audit.checks import Checks
from operations.audit.differences import Difference, Pair, Tell, counts, instant
from operations.audit.evidence import Evidence, Filed, Row, snapshot
from operations.audit.files import Reading, batch_key, read, ref_of
from operations.audit.judging import Increment, Judge, Judged, check_ledger
from operations.audit.sums import DAY, Expected
from sicfar.aws.notifications import ObjectRef
from sicfar.aws.objects import Version, versions
from sicfar.counts.keys import BATCHES, LOOSE
from sicfar.errors import SicfarError
from sicfar.instants import format_instant, to_ms

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_READERS = 10  # as many connections as boto3 keeps; S3 answers in tens of milliseconds
_OBJECTS = 250  # whose ledger is asked for at once: a row a line each
_NAMED = 20  # minutes of one line's day that are named one by one
_REREAD_DAYS = 200  # days of lines that are read again to name their minutes


@dataclass(slots=True)
class Summary:
    """How much was looked at, and how much of it is wrong."""

    objetos: int = 0
    lancamentos: int = 0
    a_caminho: int = 0
    """Objects of the last minutes that no ledger row names yet."""
    ordens: int = 0
    linhas: int = 0
    minutos: int = 0
    diferencas: int = 0

    def __str__(self) -> str:
        """The last line of the report."""
        found = f"{self.diferencas} diferenças" if self.diferencas else "vazio: nenhuma diferença"
        waiting = f", {self.a_caminho} objetos a caminho" if self.a_caminho else ""
        return (
            f"auditoria: {found} em {self.objetos} objetos, {self.lancamentos} lançamentos, "
            f"{self.ordens} totais de OP, {self.linhas} linhas, {self.minutos} minutos{waiting}"
        )

    def as_json(self) -> dict[str, object]:
        """The figures by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Object:
    """A key with what bucket and ledger know of it. ``versions``: oldest first; none if it was not listed."""

    bucket: str
    key: str
    versions: Sequence[Version]
    filed: Sequence[Filed]


@dataclass(frozen=True, slots=True)
class _Read:
    """An object's readings: one per ledger row, and of those versions no row was made from."""

    of: _Object
    rows: Sequence[tuple[Filed, Reading | SicfarError]]
    unfiled: Sequence[tuple[Version, Reading | SicfarError]]


def audit(database_url: str, s3: "S3Client", bucket: str, tell: Tell, *, grace_s: int) -> Summary:
    """Audit a bucket against a database, telling each difference as it is found.

    ``grace_s``: how old an object may be and still be on its way. Raises what stops it half-way: database or bucket
    away, or closed to this user.
    """
    with snapshot(database_url) as evidence:
        return Audit(evidence, s3, bucket, tell, grace_s=grace_s).run()


class Audit:
    """One audit of one bucket and one snapshot. ``grace_s``: how old an object may be and still be on its way."""

    def __init__(self, evidence: Evidence, s3: "S3Client", bucket: str, tell: Tell, *, grace_s: int) -> None:
        self._evidence = evidence
        self._s3 = s3
        self._bucket = bucket
        self._since = evidence.taken_at - timedelta(seconds=grace_s)
        self._summary = Summary()
        self._told = tell
        self._configuration = evidence.configuration()
        self._periods, rows = evidence.periods()
        self._expected = Expected(self._periods)
        self._checks = Checks(evidence, self._periods, rows, self._since, self._tell)
        self._seen = bytearray()  # a bit for each ledger row that was looked at
        self._continued: dict[tuple[str, str], int] = {}  # loose contents, by beginning and part counted before
        self._explained: set[int] = set()  # quarantine rows with counts that an object explains

    def run(self) -> Summary:
        """Look at everything."""
        with ThreadPoolExecutor(_READERS) as readers:
            for found in self._readings(self._objects(), readers):
                self._take(found)
            for found in self._readings(self._unlisted(), readers):
                self._take(found)
        for row in self._evidence.stream("select * from contagens_manuais_atuais"):
            self._expected.by_hand(row)
        self._apart()
        summary = self._summary
        summary.ordens = self._checks.orders(self._expected)
        summary.linhas = self._checks.lines(self._expected)
        found_seconds = self._expected.seconds.twin()
        summary.minutos = self._checks.minutes(found_seconds)
        for (line,), day in islice(self._expected.seconds.differing(found_seconds), _REREAD_DAYS):
            self._name_minutes(line, day)
        shown(self._evidence, self._expected, self._tell)
        taken(self._evidence, self._expected, self._tell)
        self._checks.closings(self._expected)
        self._checks.epochs()
        self._checks.acts()
        return summary

    def _tell(self, difference: Difference) -> None:
        self._summary.diferencas += 1
        self._told(difference)

    # From bucket and ledger to readings -------------------------------------------------------------------------------

    def _objects(self) -> Iterator[_Object]:
        """Everything the bucket holds, with the ledger's rows."""
        listing = chain.from_iterable(versions(self._s3, self._bucket, prefix) for prefix in (BATCHES, LOOSE))
        while page := list(islice(listing, _OBJECTS)):
            filed = self._evidence.filed(key for key, _ in page)
            for key, kept in page:
                own = [one for one in filed.get(key, ()) if one.row["bucket"] == self._bucket]
                yield _Object(self._bucket, key, kept, own)

    def _unlisted(self) -> Iterator[_Object]:
        """Everything the ledger names that was not listed: of another bucket, or gone."""
        for page in self._evidence.ledger():
            keys = {(row["bucket"], row["chave"]) for row in page if not self._was_seen(row["id"])}
            if keys:
                filed = self._evidence.filed({key for _, key in keys})
                for bucket, key in sorted(keys):
                    own = [one for one in filed.get(key, ()) if one.row["bucket"] == bucket]
                    yield _Object(bucket, key, (), [one for one in own if not self._was_seen(one.row["id"])])

    def _readings(self, found: Iterable[_Object], readers: ThreadPoolExecutor) -> Iterator[_Read]:
        """The objects' contents, in their order, a few read ahead."""
        ahead: deque[Future[_Read]] = deque()
        for one in found:
            ahead.append(readers.submit(self._read, one))
            if len(ahead) > 2 * _READERS:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()

    def _read(self, one: _Object) -> _Read:
        rows = [
            (filed, read(self._s3, ref_of(filed), filed.row["aceito_tamanho"], filed.row["contado_antes"] or 0))
            for filed in one.filed
        ]
        known = {filed.row["versao_id"] for filed in one.filed}
        unfiled = [
            (
                version,
                read(self._s3, ObjectRef(one.bucket, one.key, version.version_id, version.size, version.written_at)),
            )
            for version in one.versions
            if version.size is not None and version.version_id not in known and version.written_at < self._since
        ]
        return _Read(one, rows, unfiled)

    # One object -------------------------------------------------------------------------------------------------------

    def _take(self, found: _Read) -> None:
        one = found.of
        self._summary.objetos += bool(one.versions)
        for filed, reading in found.rows:
            self._mark_seen(filed.row["id"])
            self._summary.lancamentos += 1
            for judged in self._file(filed, reading, self._tell):
                self._expected.add(_source(filed.row), judged)
        if one.versions:
            self._check_versions(found)
        if not one.filed and one.versions and one.versions[-1].written_at >= self._since:
            self._summary.a_caminho += 1

    def _file(self, filed: Filed, reading: Reading | SicfarError, tell: Tell) -> Iterator[Judged]:
        """Hold one ledger row against its object; yields what becomes of it, nothing if nothing is counted."""
        row = filed.row
        if isinstance(reading, SicfarError):
            # What could not be read then need not be readable now, but it must be there, as what was counted must.
            gone = reading.code == "object_gone"
            if gone or row["sha256"] is not None:
                code = "OBJETO_AUSENTE" if gone else "OBJETO_ALTERADO"
                tell(Difference(code, f"lançamento {row['id']}: {reading.what}", objeto=row["chave"]))
            return
        if row["sha256"] is None:  # refused before its content was looked at: nothing of it is on the books
            return
        check_ledger(filed, reading, tell)
        if row["tipo"] == "avulso":
            self._check_content(filed, reading, tell)
        if row["situacao"] == "REPETIDO":
            return
        if row["situacao"] == "QUARENTENA":
            self._whole(filed)
            return
        judged = Judge(self._configuration, _source(row), row["chave"], filed).judge(reading, row["ingerido_em"])
        for difference in judged.differences:
            tell(difference)
        self._explained |= judged.claimed
        self._checks.spans(judged, row["chave"], tell)
        yield judged

    def _check_content(self, filed: Filed, reading: Reading, tell: Tell) -> None:
        """No part of a loose content counts twice, whatever its names: each continues one that was accepted, once."""
        row = filed.row
        before, length = row["contado_antes"] or 0, row["aceito_tamanho"]
        fault = None
        if row["situacao"] == "REPETIDO":
            if not self._evidence.accepted(reading.accepted, length, counted=True):
                fault = "repetido de nada que foi contado"
        elif before and not self._evidence.accepted(reading.before, before):
            fault = f"os primeiros {before} bytes, tidos por contados, não o foram"
        elif reading.beginning:
            first = self._continued.setdefault((reading.beginning, reading.before), row["id"])
            fault = f"conta de novo o que o lançamento {first} contou" if first != row["id"] else None
        if fault:
            tell(Difference("RAZAO_DIVERGE", f"lançamento {row['id']}: {fault}", objeto=row["chave"]))

    def _whole(self, filed: Filed) -> None:
        """A file in quarantine as a whole says, line by line, how much it would have counted."""
        for line, one in filed.lines.items():
            if not filed.superseded:
                self._expected.refuse(line, (one["producao"], one["rejeicao"]))
            for row in filed.quarantined:
                if row["linha_id"] == line and row["motivo"] == filed.row["motivo"]:
                    same = (row["producao"], row["rejeicao"]) == (one["producao"], one["rejeicao"])
                    if same and (row["decisao"] in ("SUPERADO", "REPROCESSADO")) == filed.superseded:
                        self._explained.add(row["id"])

    def _check_versions(self, found: _Read) -> None:
        """A batch never changes under its key; a loose file's versions are all counted, or part of one that is."""
        one = found.of
        last = one.versions[-1]
        if last.size is None:
            self._tell(Difference("OBJETO_APAGADO", f"apagado em {last.written_at.isoformat()}", objeto=one.key))
        for filed, _ in found.rows:
            size = next((v.size for v in one.versions if v.version_id == filed.row["versao_id"]), None)
            if size is not None and size != filed.row["tamanho"]:
                self._tell(
                    Difference(
                        "RAZAO_DIVERGE",
                        f"tamanho do lançamento {filed.row['id']}",
                        objeto=one.key,
                        esperado=str(size),
                        encontrado=str(filed.row["tamanho"]),
                    )
                )
        for version, reading in found.unfiled:
            if one.filed and one.key.startswith(BATCHES):
                kept = {read.sha256 for _, read in found.rows if isinstance(read, Reading)}
                if not isinstance(reading, Reading) or reading.sha256 not in kept:
                    self._tell(
                        Difference("OBJETO_ALTERADO", f"outro conteúdo na versão {version.version_id}", objeto=one.key)
                    )
            elif not self._is_counted(found, reading):
                self._missed(one, version, reading)

    def _is_counted(self, found: _Read, reading: Reading | SicfarError) -> bool:
        """Whether a loose version nobody filed is a stage or a copy of one that was: it came late, or came twice."""
        if not isinstance(reading, Reading):
            return any(filed.row["situacao"] == "QUARENTENA" for filed, _ in found.rows)
        length = reading.tally.consumed
        if length == 0:
            return any(filed.row["situacao"] != "QUARENTENA" for filed, _ in found.rows)
        if self._evidence.accepted(reading.accepted, length):
            return True
        for filed in self._evidence.grown(reading.beginning, length):
            head = read(self._s3, ref_of(filed), length)
            if isinstance(head, Reading) and head.accepted == reading.accepted:
                return True
        return False

    def _missed(self, one: _Object, version: Version, reading: Reading | SicfarError) -> None:
        """An object the database knows nothing of: what the machine counted in it is missing everywhere."""
        why = str(reading.what) if isinstance(reading, SicfarError) else f"{reading.tally.records} registros"
        self._tell(
            Difference(
                "OBJETO_SEM_LANCAMENTO",
                f"gravado em {version.written_at.isoformat()} e nunca lançado: {why}",
                objeto=one.key,
            )
        )
        key = batch_key(one.key)
        if isinstance(reading, Reading):
            source = key.gateway if key else "avulso"
            judge = Judge(self._configuration, source, one.key, None)
            self._expected.add(source, judge.judge(reading, version.written_at))

    # Naming -----------------------------------------------------------------------------------------------------------

    def _name_minutes(self, line: str, day: int) -> None:
        """Read the files of a line's day again and tell each minute that differs, with the objects it comes from."""
        begin, end = day * DAY, (day + 1) * DAY
        wanted: dict[int, dict[int, Pair]] = {}
        origins: dict[int, list[tuple[str, int, int]]] = {}
        for cell, key in self._again(line, begin, end):
            minute = cell.second // 60 * 60
            seconds = wanted.setdefault(minute, {})
            seconds[cell.second] = _sum([seconds.get(cell.second, (0, 0)), cell.pair])
            place = (key, cell.byte_from, cell.byte_to)
            if place not in origins.setdefault(minute, []):
                origins[minute].append(place)
        stored = self._checks.cells(line, begin, end)
        differing = [
            minute for minute in sorted(wanted.keys() | stored.keys()) if wanted.get(minute) != stored.get(minute)
        ]
        for minute in differing[:_NAMED]:
            self._tell(
                self._minute(line, minute, wanted.get(minute, {}), stored.get(minute, {}), origins.get(minute, []))
            )
        if not differing or len(differing) > _NAMED:
            more = f"mais {len(differing) - _NAMED} minutos diferem"
            rest = more if differing else "os segundos do dia não são os dos objetos"
            self._tell(Difference("MINUTO", rest, linha_id=line, em=instant(begin)))

    def _again(self, line: str, begin: int, end: int) -> Iterator[tuple[Increment, str]]:
        """The counted seconds of a line in [begin, end), each with its object's key."""
        for keys in _chunks(self._evidence.files_of(line, begin, end), _OBJECTS):
            for key, filed in self._evidence.filed(keys).items():
                for one, reading in self._read(_Object(filed[0].row["bucket"], key, (), filed)).rows:
                    for judged in self._file(one, reading, _silent):
                        for cell in judged.seconds:
                            if cell.line == line and begin <= cell.second < end:
                                yield cell, key

    def _minute(
        self,
        line: str,
        minute: int,
        wanted: Mapping[int, Pair],
        have: Mapping[int, Pair],
        origins: Sequence[tuple[str, int, int]],
    ) -> Difference:
        second = min(one for one in wanted.keys() | have.keys() if wanted.get(one) != have.get(one))
        period = self._periods.at(line, second)
        key, begin, end = origins[0] if origins else (None, None, None)
        more = f", e mais {len(origins) - 1} objetos" if len(origins) > 1 else ""
        return Difference(
            "MINUTO",
            f"contagens_minuto, segundo {second % 60}: {counts(wanted.get(second, (0, 0)))} nos objetos, "
            f"{counts(have.get(second, (0, 0)))} no banco{more}",
            linha_id=line,
            numero_op=period.op if period else None,
            em=instant(minute),
            objeto=key,
            byte_de=begin,
            byte_ate=end,
            esperado=counts(_sum(wanted.values())),
            encontrado=counts(_sum(have.values())),
        )

    # What is kept apart -----------------------------------------------------------------------------------------------

    def _apart(self) -> None:
        """Every row kept apart from the seconds is explained by an object."""
        for row in self._evidence.stream(
            "select * from quarentena where producao is not null and fonte is null order by id"
        ):
            if row["id"] not in self._explained:
                self._unexplained(
                    "QUARENTENA_SEM_ORIGEM", f"quarentena {row['id']} ({row['motivo']})", row, row["chave"]
                )
        for row in self._evidence.stream("select * from contagens_intervalo order by id"):
            if not self._was_seen(row["arquivo_id"]):
                self._unexplained("INTERVALO_SEM_ORIGEM", f"contagens_intervalo {row['id']}", row, None)

    def _unexplained(self, code: str, what: str, row: Row, key: str | None) -> None:
        self._tell(
            Difference(
                code,
                f"{what}: nenhum objeto a explica",
                linha_id=row["linha_id"],
                em=row["ate"] and format_instant(to_ms(row["ate"])),
                objeto=key,
                byte_de=row["byte_de"],
                byte_ate=row["byte_ate"],
                encontrado=counts((row["producao"], row["rejeicao"])),
            )
        )

    def _mark_seen(self, number: int) -> None:
        place = number >> 3
        if place >= len(self._seen):
            self._seen.extend(bytes(place + 1024 - len(self._seen)))
        self._seen[place] |= 1 << (number & 7)

    def _was_seen(self, number: int) -> bool:
        place = number >> 3
        return place < len(self._seen) and bool(self._seen[place] & 1 << (number & 7))


def _silent(_difference: Difference) -> None:
    """Say nothing: it was told before."""


def _source(row: Row) -> str:
    return row["gateway"] if row["tipo"] == "gateway" else "avulso"


def _sum(pairs: Iterable[Sequence[int]]) -> Pair:
    made = rejected = 0
    for pair in pairs:
        made += pair[0]
        rejected += pair[1]
    return made, rejected


def _chunks(keys: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for begin in range(0, len(keys), size):
        yield keys[begin : begin + size]
