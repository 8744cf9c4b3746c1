"""Layers: which files of a raster source answer a study in a period, and whether they are the products it names.

Pure, and without arrays: a node that decides about a study asks here. What is computed from the files is `tiles`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from comity import canon
from comity.canon import Digest
from comity.errors import ConfigError, FormatError, NotVerified
from comity.model.blocks import Blocks, Input
from comity.model.norm import Norm
from comity.model.regions import BOUNDARIES
from comity.model.source import GRATICULE, RASTERS, SAMPLE, Binding, Kind, Layer, Map, Source
from comity.model.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The layers that answer one period of a study.

    rasters: (dimension, its map, its layer) for each dimension behind the first; a layer may fill several.
    zones: None: cells of one degree (GRATICULE).
    sample: None: there is no reference sample, and every figure says so.
    """

    rasters: tuple[tuple[str, Map, Layer], ...]
    zones: Layer | None
    sample: Layer | None

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Rasters, each once, in the order of the dimensions."""
        return tuple({layer.id: layer for _, _, layer in self.rasters}.values())


def bound(study: Study, norm: Norm, binding: Binding, period: str, *, source: Source, zones: bool = True) -> Bound:
    """Which layers answer a period.

    Args:
        zones: whether a file of zones must be there; a release has its own.

    Raises:
        ConfigError: the binding maps a dimension to no layer, or to one of the wrong kind.
    """
    value = study.period(period).value
    first, *others = study.layout.dimensions
    where = f"binding {binding.id}/{binding.version}"
    column = binding.map(norm.filling(first.id).id).column
    file = zones and column != GRATICULE
    rasters = []
    for axis in others:
        entry = binding.map(norm.filling(axis.id).id)
        rasters.append((axis.id, entry, _layer(source, named(entry.column, value), "raster", f"{where}: {axis.id}")))
    sample = source.layer(f"{SAMPLE}-{value}") or source.layer(SAMPLE)
    if not rasters:
        raise ConfigError("no dimension but the zones", where=f"study {study.id}", wanted="one filled by a raster")
    return Bound(
        rasters=tuple(rasters),
        zones=_layer(source, column, "zones", f"{where}: {first.id}") if file else None,
        sample=sample if sample and sample.kind == "sample" else None,
    )


def maps(study: Study, norm: Norm, binding: Binding, made: Blocks) -> tuple[Input, ...]:
    """The inputs of a release that are rasters, by the binding; FormatError if it maps a dimension to none of them."""
    value = study.period(made.period).value
    wanted = [named(binding.map(norm.filling(axis.id).id).column, value) for axis in study.layout.dimensions[1:]]
    found = tuple(one for one in made.inputs if one.layer in wanted)
    if missing := sorted(set(wanted) - {one.layer for one in found}):
        raise FormatError("a map is not among the inputs", where="blocks.json", found=", ".join(missing))
    return found


def released(study: Study, norm: Norm, binding: Binding, made: Blocks, *, zones: bytes | None) -> None:
    """Whether the inputs of a release are those that its study and binding ask for, by the release's own word.

    A node asks `products` before it consents; whoever verifies cannot know that it did.

    Args:
        zones: the release's file of zones, if it has one.

    Raises:
        FormatError: an input is named twice, by a path, or by what is no digest; or a map is not among them.
        NotVerified: another product than the study names, a sample's numbers without a sample, zones that the binding
            does not read, or another boundary set than the study names.
    """
    where, names = "blocks.json: inputs", [one.layer for one in made.inputs]
    for one in made.inputs:
        canon.hex_of(one.digest, where=where)
        if names.count(one.layer) > 1 or not one.name or "/" in one.name or "\\" in one.name or one.size < 0:
            raise FormatError("not one file by its name", where=where, found=f"{one.layer}: {one.name}")
    used = maps(study, norm, binding, made)
    source = Source(
        id=binding.id,
        path="",
        format=RASTERS,
        unique=False,
        layers=given(used, {one.digest: one.name for one in used}),
    )
    found = bound(study, norm, binding, made.period, source=source, zones=False)
    if wrong := next(products(study, found), None):
        raise NotVerified(
            f"the maps are not what the study names as {wrong!r}",
            where=where,
            found="; ".join(f"{layer.id}: {layer.product}" for layer in found.layers),
            wanted=study.parameters.get(wrong, "no such parameter"),
        )
    if made.fixed and sample(study, made) is None:
        raise NotVerified("numbers of a reference sample, and none among the inputs", where="blocks.json: fixed")
    column = binding.map(norm.filling(study.layout.dimensions[0].id).id).column
    file = column != GRATICULE
    if (zones is not None) != file or (file and column not in names):
        told = f"{'no' if zones is None else 'a'} file of zones"
        raise NotVerified("not the zones that the binding reads", where="zones.geojson", found=told, wanted=column)
    if not drawn(study, zones):
        raise NotVerified(
            "another boundary set than the study names",
            where="zones.geojson",
            found="none" if zones is None else canon.digest(zones),
            wanted=study.parameters[BOUNDARIES],
        )


def sample(study: Study, made: Blocks) -> Input | None:
    """The reference sample of a release: that of its period before one for all."""
    named = {one.layer: one for one in made.inputs}
    return named.get(f"{SAMPLE}-{study.period(made.period).value}") or named.get(SAMPLE)


def given(inputs: Iterable[Input], paths: Mapping[Digest, str], *, kind: Kind = "raster") -> tuple[Layer, ...]:
    """Inputs of a release as layers of a kind, where their files were found."""
    return tuple(
        Layer(
            id=one.layer,
            path=paths[one.digest],
            kind=kind,
            product=one.product,
            field="",
            digest=one.digest,
            size=one.size,
        )
        for one in inputs
    )


def named(column: str, value: str) -> str:
    """The id of a layer in a period: "{period}" is its value, "{from}" and "{to}" its two halves.

    >>> named("lc-{to}", "2020-2021"), named("belts", "2020"), named("lc-{from}", "2020/2021")
    ('lc-2021', 'belts', 'lc-2020')
    """
    start, _, end = value.partition("/" if "/" in value else "-")
    return column.replace("{period}", value).replace("{from}", start).replace("{to}", end or start)


def products(study: Study, found: Bound) -> Iterator[str]:
    """Parameters `product`, `from`, `to` that the layers at home contradict, in this order; nothing where all agree.

    A layer that is bound by "{from}" must be the product that `from` names, one bound by "{to}" the other; what is
    named otherwise must be the product of a layer. A study of two dates names both products.
    """
    for name in ("product", "from", "to"):
        own = [layer for _, entry, layer in found.rasters if f"{{{name}}}" in entry.column]
        wanted = study.parameters.get(name)
        if wanted is None:
            holds = not own
        elif own:
            holds = all(layer.product == wanted for layer in own)
        else:
            holds = any(layer.product == wanted for layer in found.layers)
        if not holds:
            yield name


def outlines(study: Study, found: Bound) -> Iterator[str]:
    """The parameter `boundaries`, where the file of zones at home is not the boundary set that it names."""
    wanted = study.parameters.get(BOUNDARIES)
    if wanted is not None and (found.zones is None or found.zones.digest != wanted):
        yield BOUNDARIES


def drawn(study: Study, zones: bytes | None) -> bool:
    """Whether zones are those of the boundary set that the members adopted with the study, byte for byte.

    A study that names none leaves the choice to the producer: no boundary is drawn on its page then.
    """
    wanted = study.parameters.get(BOUNDARIES)
    return wanted is None or (zones is not None and canon.digest(zones) == wanted)


def as_input(layer: Layer) -> Input:
    """A layer as a release names it: the file's name, never its path."""
    return Input(
        layer=layer.id, name=layer.path.rpartition("/")[2], product=layer.product, digest=layer.digest, size=layer.size
    )


def _layer(source: Source, id: str, kind: str, where: str) -> Layer:
    layer = source.layer(id)
    if layer is None or layer.kind != kind:
        known = ", ".join(f"{one.id} ({one.kind})" for one in source.layers) or "no layer"
        raise ConfigError(
            f"the source has no layer {id!r} of the kind {kind}",
            where=where,
            found=known,
            wanted=f"{kind} {id}",
            way_out=f"comity source add FILE --id {source.id} --layer {id}",
        )
    return layer
