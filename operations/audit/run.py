"""The whole audit: the bucket against the ledger, object by object; then what the objects come to against every total.

What is on its way is no difference: an object of the last minutes that no ledger row names yet. Everything else is read
in one snapshot of the database, taken before the bucket is listed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from operations.audit.acts import Acts
from operations.audit.apart import shown, taken
from operations.audit.checks import Checks
from operations.audit.differences import Difference, Pair, Tell, counts, instant
from operations.audit.ends import ends
from operations.audit.evidence import Evidence, Filed, snapshot
from operations.audit.files import Reading, batch_key, read, ref_of
from operations.audit.increments import Increment
from operations.audit.judging import Judge, Judged, check_ledger
from operations.audit.objects import KnownObject, Objects, Readings
from operations.audit.records import check_records
from operations.audit.rows.ledger import Decision, FileStanding, QuarantineRow, SourceKind, SpanRow
from operations.audit.rows.totals import ManualCountRow
from operations.audit.seals.chain import Chain
from operations.audit.summary import Summary
from operations.audit.sums import DAY, Expected
from sicfar.aws.objects import Version
from sicfar.counts.keys import BATCHES
from sicfar.errors import SicfarError
from sicfar.instants import format_instant, to_ms

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NAMED = 20  # minutes of one line's day that are named one by one
_REREAD_DAYS = 200  # days of lines that are read again to name their minutes


def audit(
    database_url: str, s3: "S3Client", bucket: str, tell: Tell, *, grace_s: int, chain: Chain | None = None
) -> Summary:
    """Audit a bucket against a database, telling each difference as it is found.

    ``grace_s``: how old an object may be and still be on its way. ``chain``: the seals; None: only what machines
    counted is audited. Raises what stops it half-way: database or bucket away, or closed to this user.
    """
    with snapshot(database_url) as evidence:
        return Audit(evidence, s3, bucket, tell, grace_s=grace_s, chain=chain).run()


class Audit:
    """One audit of one bucket and one snapshot. ``grace_s``: how old an object may be and still be on its way."""

    def __init__(
        self,
        evidence: Evidence,
        s3: "S3Client",
        bucket: str,
        tell: Tell,
        *,
        grace_s: int,
        chain: Chain | None = None,
    ) -> None:
        self._chain = chain
        self._evidence = evidence
        self._s3 = s3
        self._since = evidence.taken_at - timedelta(seconds=grace_s)
        self._objects = Objects(evidence, s3, bucket, self._since)
        self._summary = Summary()
        self._told = tell
        self._configuration = evidence.configuration()
        self._periods, periods = evidence.periods()
        self._expected = Expected(self._periods)
        self._checks = Checks(evidence, self._periods, self._since, self._tell)
        self._acts = Acts(evidence, periods, self._tell)
        self._continued: dict[tuple[str, str], int] = {}  # loose contents, by beginning and part counted before
        self._explained: set[int] = set()  # quarantine rows with counts that an object explains

    def run(self) -> Summary:
        """Look at everything."""
        for found in self._objects.all():
            self._take(found)
        for row in self._evidence.stream(ManualCountRow, "select * from contagens_manuais_atuais"):
            self._expected.by_hand(row)
        self._apart()
        summary = self._summary
        summary.orders = self._checks.orders(self._expected)
        summary.lines = self._checks.lines(self._expected)
        found_seconds = self._expected.seconds.twin()
        summary.minutes = self._checks.minutes(found_seconds)
        for (line,), day in islice(self._expected.seconds.differing(found_seconds), _REREAD_DAYS):
            self._name_minutes(line, day)
        shown(self._evidence, self._expected, self._tell)
        taken(self._evidence, self._expected, self._tell)
        self._checks.closings(self._expected)
        ends(self._evidence, self._periods, self._expected, self._since, self._tell)
        self._checks.epochs()
        self._acts.check()
        if self._chain is not None:
            check_records(self._evidence, self._chain, summary, self._tell)
        return summary

    def _tell(self, difference: Difference) -> None:
        self._summary.differences += 1
        self._told(difference)

    # One object -------------------------------------------------------------------------------------------------------

    def _take(self, found: Readings) -> None:
        one = found.of
        self._summary.objects += bool(one.versions)
        for filed, reading in found.rows:
            self._summary.files += 1
            for judged in self._file(filed, reading, self._tell):
                self._expected.add(filed.row.source, judged)
        if one.versions:
            self._check_versions(found)
        if not one.filed and one.versions and one.versions[-1].written_at >= self._since:
            self._summary.on_their_way += 1

    def _file(self, filed: Filed, reading: Reading | SicfarError, tell: Tell) -> Iterator[Judged]:
        """Hold one ledger row against its object; yields what becomes of it, nothing if nothing is counted."""
        row = filed.row
        if isinstance(reading, SicfarError):
            # What could not be read then need not be readable now, but it must be there, as what was counted must.
            gone = reading.code == "object_gone"
            if gone or row.sha256 is not None:
                code = "OBJETO_AUSENTE" if gone else "OBJETO_ALTERADO"
                tell(Difference(code=code, detail=f"lançamento {row.id}: {reading.what}", key=row.key))
            return
        if row.sha256 is None:  # refused before its content was looked at: nothing of it is on the books
            return
        check_ledger(filed, reading, tell)
        if row.kind is SourceKind.LOOSE:
            self._check_content(filed, reading, tell)
        if row.standing is FileStanding.REPEATED:
            return
        if row.standing is FileStanding.QUARANTINED:
            self._whole(filed)
            return
        judged = Judge(self._configuration, row.source, row.key, filed).judge(reading, row.recorded_at)
        for difference in judged.differences:
            tell(difference)
        self._explained |= judged.claimed
        self._checks.spans(judged, row.key, tell)
        yield judged

    def _check_content(self, filed: Filed, reading: Reading, tell: Tell) -> None:
        """No part of a loose content counts twice, whatever its names: each continues one that was accepted, once."""
        row = filed.row
        before, length = row.counted_before or 0, row.accepted_length
        fault = None
        if row.standing is FileStanding.REPEATED:
            if not self._evidence.accepted(reading.accepted, length, counted=True):
                fault = "repetido de nada que foi contado"
        elif before and not self._evidence.accepted(reading.before, before):
            fault = f"os primeiros {before} bytes, tidos por contados, não o foram"
        elif reading.beginning:
            first = self._continued.setdefault((reading.beginning, reading.before), row.id)
            fault = f"conta de novo o que o lançamento {first} contou" if first != row.id else None
        if fault:
            tell(Difference(code="RAZAO_DIVERGE", detail=f"lançamento {row.id}: {fault}", key=row.key))

    def _whole(self, filed: Filed) -> None:
        """A file in quarantine as a whole says, line by line, how much it would have counted."""
        for line, one in filed.lines.items():
            if not filed.superseded:
                self._expected.refuse(line, one.pair)
            for row in filed.quarantined:
                if row.line == line and row.reason == filed.row.reason:
                    same = (row.produced, row.rejected) == one.pair
                    if same and (row.decision in (Decision.SUPERSEDED, Decision.REREAD)) == filed.superseded:
                        self._explained.add(row.id)

    def _check_versions(self, found: Readings) -> None:
        """A batch never changes under its key; a loose file's versions are all counted, or part of one that is."""
        one = found.of
        last = one.versions[-1]
        if last.size is None:
            self._tell(
                Difference(code="OBJETO_APAGADO", detail=f"apagado em {last.written_at.isoformat()}", key=one.key)
            )
        for filed, _ in found.rows:
            size = next((v.size for v in one.versions if v.version_id == filed.row.version_id), None)
            if size is not None and size != filed.row.size:
                self._tell(
                    Difference(
                        code="RAZAO_DIVERGE",
                        detail=f"tamanho do lançamento {filed.row.id}",
                        key=one.key,
                        expected=str(size),
                        found=str(filed.row.size),
                    )
                )
        for version, reading in found.unfiled:
            if one.filed and one.key.startswith(BATCHES):
                kept = {read.sha256 for _, read in found.rows if isinstance(read, Reading)}
                if not isinstance(reading, Reading) or reading.sha256 not in kept:
                    self._tell(
                        Difference(
                            code="OBJETO_ALTERADO",
                            detail=f"outro conteúdo na versão {version.version_id}",
                            key=one.key,
                        )
                    )
            elif not self._is_counted(found, reading):
                self._missed(one, version, reading)

    def _is_counted(self, found: Readings, reading: Reading | SicfarError) -> bool:
        """Whether a loose version nobody filed is a stage or a copy of one that was: it came late, or came twice."""
        if not isinstance(reading, Reading):
            return any(filed.row.standing is FileStanding.QUARANTINED for filed, _ in found.rows)
        length = reading.tally.consumed
        if length == 0:
            return any(filed.row.standing is not FileStanding.QUARANTINED for filed, _ in found.rows)
        if self._evidence.accepted(reading.accepted, length):
            return True
        for filed in self._evidence.grown(reading.beginning, length):
            head = read(self._s3, ref_of(filed), length)
            if isinstance(head, Reading) and head.accepted == reading.accepted:
                return True
        return False

    def _missed(self, one: KnownObject, version: Version, reading: Reading | SicfarError) -> None:
        """An object the database knows nothing of: what the machine counted in it is missing everywhere."""
        why = str(reading.what) if isinstance(reading, SicfarError) else f"{reading.tally.records} registros"
        self._tell(
            Difference(
                code="OBJETO_SEM_LANCAMENTO",
                detail=f"gravado em {version.written_at.isoformat()} e nunca lançado: {why}",
                key=one.key,
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
            self._tell(Difference(code="MINUTO", detail=rest, line=line, at=instant(begin)))

    def _again(self, line: str, begin: int, end: int) -> Iterator[tuple[Increment, str]]:
        """The counted seconds of a line in [begin, end), each with its object's key."""
        for found in self._objects.of_keys(self._evidence.files_of(line, begin, end)):
            for filed, reading in found.rows:
                for judged in self._file(filed, reading, _silent):
                    for cell in judged.seconds:
                        if cell.line == line and begin <= cell.second < end:
                            yield cell, found.of.key

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
            code="MINUTO",
            detail=f"contagens_minuto, segundo {second % 60}: {counts(wanted.get(second, (0, 0)))} nos objetos, "
            f"{counts(have.get(second, (0, 0)))} no banco{more}",
            line=line,
            order=period.op if period else None,
            at=instant(minute),
            key=key,
            byte_from=begin,
            byte_to=end,
            expected=counts(_sum(wanted.values())),
            found=counts(_sum(have.values())),
        )

    # What is kept apart -----------------------------------------------------------------------------------------------

    def _apart(self) -> None:
        """Every row kept apart from the seconds is explained by an object."""
        for piece in self._evidence.stream(
            QuarantineRow, "select * from quarentena where producao is not null and fonte is null order by id"
        ):
            if piece.id not in self._explained:
                self._unexplained("QUARENTENA_SEM_ORIGEM", f"quarentena {piece.id} ({piece.reason})", piece, piece.key)
        for span in self._evidence.stream(SpanRow, "select * from contagens_intervalo order by id"):
            if not self._objects.saw(span.file_id):
                self._unexplained("INTERVALO_SEM_ORIGEM", f"contagens_intervalo {span.id}", span, None)

    def _unexplained(self, code: str, what: str, row: QuarantineRow | SpanRow, key: str | None) -> None:
        self._tell(
            Difference(
                code=code,
                detail=f"{what}: nenhum objeto a explica",
                line=row.line,
                at=None if row.until is None else format_instant(to_ms(row.until)),
                key=key,
                byte_from=row.byte_from,
                byte_to=row.byte_to,
                found=counts(row.pair),
            )
        )


def _silent(_difference: Difference) -> None:
    """Say nothing: it was told before."""


def _sum(pairs: Iterable[Sequence[int]]) -> Pair:
    made = rejected = 0
    for pair in pairs:
        made += pair[0]
        rejected += pair[1]
    return made, rejected
