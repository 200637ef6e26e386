"""manage.py import_meetings FILE_OR_URL --format meeting-guide|bmlt [--feed NAME] [--clinic NAME] [--fellowship aa]"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from referrals import feeds, fetching
from referrals.fellowships import Fellowship
from referrals.listing import SourceError
from referrals.models import ImportRun, MeetingFeed
from staff.models import Clinic


class Command(BaseCommand):
    """Imports a meeting list from a file or a URL, once; creates the feed if needed."""

    told = 0  # rows
    help = "Import a mutual-help meeting list from a file or an address."

    def add_arguments(self, parser: CommandParser) -> None:
        """Source, format, and which feed of which clinic it is."""
        parser.add_argument("source", metavar="FILE_OR_URL")
        parser.add_argument("--format", choices=MeetingFeed.Format.values, default=MeetingFeed.Format.MEETING_GUIDE)
        parser.add_argument("--feed", metavar="NAME", help="The feed's name; the file's name unless given.")
        parser.add_argument("--clinic", metavar="NAME", help="Needed where there is more than one clinic.")
        parser.add_argument("--fellowship", help="e.g. aa, na, al-anon: needed only for a new feed; BMLT means na.")
        parser.add_argument("--time-zone", default="", help="For meetings with no time zone given.")
        parser.add_argument("--confirm-drop", action="store_true", help="Import even if most meetings are missing.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import and print the counts; exit 1 with the reason if the source was not used."""
        source: str = options["source"]
        feed = self._feed(options)
        at = timezone.now()
        try:
            fetched = self._read(source, feed)
        except SourceError as error:
            feeds.report_unread(feed=feed, error=str(error), at=at, by=None, source=source)
            raise CommandError(str(error)) from error
        assert fetched.file is not None  # no server is told what we know
        with fetched.file as file:
            run = feeds.import_feed(
                feed=feed,
                payload=file,
                at=at,
                source=source,
                confirm_drop=options["confirm_drop"],
                version=fetched.version,
                progress=self._tell if options["verbosity"] > 0 else lambda _: None,
            )
        self._print(run, options["verbosity"])
        if run.error:
            raise CommandError(run.error)

    def _read(self, source: str, feed: MeetingFeed) -> fetching.Fetched:
        if source.startswith(("http://", "https://")):
            return fetching.fetch(source, format=feed.format, allow_inside=True)
        try:
            return fetching.Fetched(Path(source).open("rb"))
        except OSError as error:
            raise SourceError(f"{source} can’t be read: {error.strerror}.") from error

    def _tell(self, rows: int) -> None:
        """Every ten thousand rows, so that a long import is seen to go on."""
        if rows >= self.told + 10_000:
            self.told = rows
            self.stderr.write(f"  {rows:,} rows read")

    def _feed(self, options: dict[str, Any]) -> MeetingFeed:
        source: str = options["source"]
        is_address = source.startswith(("http://", "https://"))
        name = options["feed"] or (source.split("/")[2] if is_address else Path(source).stem)[:120]
        clinic = self._clinic(options["clinic"])
        if feed := MeetingFeed.objects.filter(clinic=clinic, name=name).first():
            return feed
        said = options["fellowship"] or ("na" if options["format"] == MeetingFeed.Format.BMLT else "aa")
        try:
            fellowship = Fellowship.read(said)
        except ValueError as error:
            raise CommandError(f"{error} Use one of: {', '.join(Fellowship.values)}.") from error
        return MeetingFeed.objects.create(
            clinic=clinic,
            name=name,
            fellowship=fellowship,
            format=options["format"],
            url=source if is_address else "",
            time_zone=options["time_zone"],
        )

    def _clinic(self, name: str | None) -> Clinic:
        clinics = list(Clinic.objects.filter(name=name) if name else Clinic.objects.all()[:2])
        if len(clinics) == 1:
            return clinics[0]
        known = ", ".join(Clinic.objects.values_list("name", flat=True)) or "none yet"
        raise CommandError(f"Choose a clinic with --clinic NAME. Clinics: {known}.")

    def _print(self, run: ImportRun, verbosity: int) -> None:
        self.stdout.write(
            f"{run.feed}: {run.created} created, {run.updated} updated, {run.unchanged} unchanged, "
            f"{run.retired} retired, {run.rejected} rejected, {len(run.remarks)} remarks"
            + (", as it was" if run.same_as_id else "")
        )
        if verbosity > 1:
            for row in [*run.rejected_rows, *run.remarks]:
                place = f"row {row['index'] + 1} {row['name']}: " if row["index"] >= 0 else ""
                self.stdout.write(f"  {place}{row['sentence']}")
