"""`doctor`: why an address is read the way it is, or why it cannot be."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ingest.cli.options import Settings, global_options, said
from ingest.cli.output import emit, short, summary, table
from ingest.cli.signals import listening

if TYPE_CHECKING:
    from ingest.doctor import Plan, Report, Robots, Site

__all__ = ["COMMANDS"]

_CONTACT = 'no contact is set: write contact = "you@example.org" under [defaults] in sources.toml, for webmasters'


@click.command()
@click.argument("url", metavar="URL", callback=said)
@global_options(hidden=True)
@click.pass_obj
def doctor(settings: Settings, url: str) -> None:
    """Say what lies behind an address, what was tried, and what a fetch would do. Adds nothing, writes nothing."""
    from ingest import doctor as examining  # noqa: PLC0415  (--help must not pay for it)
    from ingest import run  # noqa: PLC0415

    policy, stop, report = settings.policy(), run.Stop(), None
    with listening(stop) as signals, suppress(*run.STOPPED):
        report = examining.examine(url if "://" in url else f"https://{url}", policy, gate=stop.gate)
    if report is None:
        summary(settings, signals.exit_code or 130)
        raise click.exceptions.Exit(signals.exit_code or 130)
    code = 4 if report.chosen is None else 0
    advice = [] if policy.contact else [_CONTACT]
    if settings.json:
        emit({"type": "doctor", **asdict(report), "advice": advice})
        summary(settings, code)
    else:
        click.echo("\n".join([*_lines(report), *(f"  {one}" for one in advice)]))
    raise click.exceptions.Exit(code)


def _lines(report: "Report") -> Iterator[str]:
    """The report for people."""
    best = report.chosen
    yield f"{report.address}: " + (f"{best.kind}: {best.why}" if best else "nothing to follow")
    yield "  tried"
    yield table([(one.what, short(one.outcome, 60), one.url) for one in report.tried], indent="    ")
    if best is not None:
        yield from _named(report)
    if report.plan is not None:
        yield from _plan(report.plan)
    for note in report.notes:
        yield f"  note: {short(note)}"
    if report.error:
        yield f"  {short(report.error)}"


def _named(report: "Report") -> Iterator[str]:
    from ingest.normalise import plain_line  # noqa: PLC0415

    best = report.chosen
    if best is None:
        return
    yield f"  source       {best.kind}  {best.url}" + (f"  {short(plain_line(best.title), 80)}" if best.title else "")
    if best.endpoint:
        yield f"  endpoint     {best.endpoint}"
    if report.site is not None:
        yield from _site(report.site)
    if report.robots is not None:
        yield f"  robots.txt   {_robots(report.robots)}"
    for other in report.others:
        yield f"  not chosen   {other.kind}  {other.url}  ({other.why})"


def _site(site: "Site") -> Iterator[str]:
    offset = f" (UTC{site.gmt_offset:+g} h)" if site.gmt_offset is not None else ""
    yield f"  WordPress    {site.version or 'version not told'}"
    yield f"  time zone    {site.timezone or 'not named'}{offset}"
    yield f"  permalinks   {site.permalinks or 'not known'}"
    yield f"  feed         {site.feed or 'none'}"
    for name, counts in (("types", site.types), ("beside them", site.others)):
        yield f"  {name:<12} {_counts(counts)}"
    for name, why in site.closed.items():
        yield f"  closed       {name}: {short(why, 120)}"


def _counts(counts: Mapping[str, int | None]) -> str:
    return ", ".join(f"{name} {'?' if n is None else format(n, ',')}" for name, n in counts.items()) or "none told"


def _robots(robots: "Robots") -> str:
    return robots.verdict + (f", asks for {robots.crawl_delay:g} s between requests" if robots.crawl_delay else "")


def _plan(plan: "Plan") -> Iterator[str]:
    posts = "an unknown number of posts" if plan.posts is None else f"{plan.posts:,} post{'s'[: plan.posts != 1]}"
    yield (
        f"  a fetch would read {posts} as {plan.kind}, in about {plan.requests:,} request{'s'[: plan.requests != 1]}"
        f" and {plan.seconds:,.0f} s; later, when nothing has changed, {plan.unchanged}"
    )


COMMANDS = [doctor]
