"""`flask territory …`: bringing in districts, units and jurisdictions, and drawing cells."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
from flask.cli import AppGroup

from backend.errors import InvalidInput
from backend.territory import queries, services
from backend.territory.files import FileRefused, read_csv, read_geojson
from backend.territory.merging import Advance, ImportReport
from backend.territory.rows import from_cenacom

group = AppGroup("territory", help="Districts, police units and their jurisdictions.")

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
Result = TypeVar("Result")

skip_refused = click.option(
    "--skip-refused", is_flag=True, help="Store the good rows of a file that has bad ones."
)
source_option = click.option("--source", help="Where the data come from; default: the file's name.")


@group.command("units")
@click.argument("path", type=FILE)
@click.option("--format", "form", type=click.Choice(["propio", "cenacom"]), default="propio")
@skip_refused
@source_option
def units(path: Path, form: str, skip_refused: bool, source: str | None) -> None:
    """Import police units from a CSV (.gz too); see docs/territorio.md for its columns."""
    raws = _told(lambda: read_csv(path))
    if form == "cenacom":
        raws = from_cenacom(raws)
    _import(
        path,
        len(raws),
        lambda advance: services.import_units(
            raws,
            source or path.name,
            queries.today(),
            skip_refused=skip_refused,
            advance=advance,
        ),
    )


@group.command("districts")
@click.argument("path", type=FILE)
@click.option("--reniec", type=FILE, help="CSV with the columns inei and reniec.")
@skip_refused
@source_option
def districts(path: Path, reniec: Path | None, skip_refused: bool, source: str | None) -> None:
    """Import districts from GeoJSON with ubigeo, distrito, provincia and departamento."""
    raws = _told(lambda: read_geojson(path))
    codes = services.reniec_codes(_told(lambda: read_csv(reniec))) if reniec else None
    _import(
        path,
        len(raws),
        lambda advance: services.import_districts(
            raws,
            source or path.name,
            reniec=codes,
            skip_refused=skip_refused,
            advance=advance,
        ),
    )


@group.command("jurisdictions")
@click.argument("path", type=FILE)
@skip_refused
@source_option
def jurisdictions(path: Path, skip_refused: bool, source: str | None) -> None:
    """Import jurisdictions from GeoJSON with codigo (the unit's), vigente_desde and fuente."""
    raws = _told(lambda: read_geojson(path))
    _import(
        path,
        len(raws),
        lambda advance: services.import_jurisdictions(
            raws,
            source or path.name,
            queries.today(),
            skip_refused=skip_refused,
            advance=advance,
        ),
    )
    click.echo("Ahora corre `flask territory cells`: las celdas vecinas pueden haber cambiado.")


@group.command("cells")
def cells() -> None:
    """Draw provisional Voronoi cells for the stations that have no polygon."""
    report = services.draw_provisional_cells(queries.today())
    for code, keeper in report.twins:
        click.echo(f"{code}: a menos de 100 m de {keeper}, que se queda con la celda de ambas")
    for code in report.without_cell:
        click.echo(f"{code}: no le queda terreno propio, sin celda")
    click.echo(
        f"Celdas nuevas: {report.added}, cerradas: {report.closed}, sin cambio: {report.unchanged}"
    )


def _import(path: Path, length: int, work: Callable[[Advance], ImportReport]) -> None:
    with click.progressbar(length=length, label=path.name) as bar:
        report = _told(lambda: work(bar.update))
    for refusal in report.refused:
        click.echo(str(refusal), err=True)
    click.echo(
        f"Nuevas: {report.added}, cambiadas: {report.updated}, "
        f"sin cambio: {report.unchanged}, rechazadas: {len(report.refused)}"
    )


def _told(work: Callable[[], Result]) -> Result:
    """Errors that concern the file become words and a failed exit."""
    try:
        return work()
    except FileRefused as error:
        for refusal in error.refusals:
            click.echo(str(refusal), err=True)
        raise click.ClickException(
            f"{error.detail} Corrige el archivo o usa --skip-refused."
        ) from error
    except InvalidInput as error:
        raise click.ClickException(error.detail) from error
