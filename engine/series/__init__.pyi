# The types of the public names; `__init__.py` imports each of them when it is first used.

from engine.series.batch import BarColumns as BarColumns
from engine.series.batch import SeriesColumns as SeriesColumns
from engine.series.batch import produce as produce
from engine.series.book import BarHealth as BarHealth
from engine.series.book import BarOutcome as BarOutcome
from engine.series.book import SeriesBook as SeriesBook
from engine.series.builder import BarBuilder as BarBuilder
from engine.series.builder import BarSource as BarSource
from engine.series.builder import preferred as preferred
from engine.series.compiled import Runtime as Runtime
from engine.series.producers import BASE_S as BASE_S
from engine.series.producers import PRODUCERS as PRODUCERS
from engine.series.producers import PRODUCERS_VERSION as PRODUCERS_VERSION
from engine.series.producers import Producer as Producer
from engine.series.producers import Series as Series
from engine.series.producers import plan as plan
from engine.series.producers import producers_hash as producers_hash
from engine.series.producers import refusal as refusal
