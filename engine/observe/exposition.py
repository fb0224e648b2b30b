"""Metrics as Prometheus text, for an agent that reads a file or a page.

In: samples of `Metrics.snapshot()`. Out: the text exposition format, version 0.0.4, with the
names that OpenTelemetry's own exporter would give (units spelled out, `_total` on counters),
so that one set of alert rules fits both ways. Refuses samples of instruments not in the table.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from engine.observe.instruments import INSTRUMENTS, Counter, Histogram, Instrument
from engine.observe.metrics import Labels, NumberSample, Sample, SpreadSample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_BY_NAME: Mapping[str, Instrument] = {each.name: each for each in INSTRUMENTS}
_UNITS = {"s": "_seconds"}
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def prometheus_name(instrument: Instrument) -> str:
    """The name under which Prometheus knows an instrument; alert rules are written with it."""
    name = instrument.name.replace(".", "_") + _UNITS.get(instrument.unit, "")
    return f"{name}_total" if isinstance(instrument, Counter) else name


def prometheus_text(samples: Iterable[Sample]) -> str:
    """One block a metric, samples in the order given; raises KeyError on a foreign name."""
    return "".join(f"{line}\n" for line in _lines(samples))


def _lines(samples: Iterable[Sample]) -> Iterator[str]:
    told = ""
    for sample in samples:
        instrument = _BY_NAME[sample.name]
        name = prometheus_name(instrument)
        if sample.name != told:
            told = sample.name
            yield f"# HELP {name} {instrument.description}"
            yield f"# TYPE {name} {_kind(instrument)}"
        if isinstance(sample, NumberSample):
            yield f"{name}{_labels(sample.labels)} {_number(sample.value)}"
        else:
            yield from _spread(name, sample)


def _spread(name: str, sample: SpreadSample) -> Iterator[str]:
    edges = (*(_number(edge) for edge in sample.bounds), "+Inf")
    for edge, reached in zip(edges, accumulate(sample.counts), strict=True):
        yield f"{name}_bucket{_labels((*sample.labels, ('le', edge)))} {reached}"
    yield f"{name}_sum{_labels(sample.labels)} {_number(sample.sum)}"
    yield f"{name}_count{_labels(sample.labels)} {sample.count}"


def _kind(instrument: Instrument) -> str:
    if isinstance(instrument, Histogram):
        return "histogram"
    return "counter" if isinstance(instrument, Counter) else "gauge"


def _labels(labels: Labels) -> str:
    told = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels)
    return f"{{{told}}}" if told else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
