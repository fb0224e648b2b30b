"""Everything that can go wrong in a history, by name.

A fault is on or off for a whole history; how often and where it strikes is the plan's.
"""

from __future__ import annotations

from enum import Enum


class Fault(Enum):
    """One thing that goes wrong."""

    # On the way of one request
    REQUEST_LOST = "the request is lost"
    RESPONSE_LOST = "the response is lost"
    LATE_ARRIVAL = "the request arrives long after our time-out"
    DELIVERED_TWICE = "one request is delivered twice"
    NO_CONNECTION = "the name does not resolve, or the handshake fails"
    SLOW_DRIP = "the answer drips until we give up"
    STATUS_400 = "400"
    STATUS_401 = "401"
    STATUS_403 = "403"
    STATUS_429 = "429 without a word how long"
    STATUS_429_RETRY_AFTER = "429 with Retry-After"
    STATUS_500_BEFORE = "500 before the effect"
    STATUS_500_AFTER = "500 after the effect"
    STATUS_502 = "502, 503 or 504, before or after the effect"
    REFUSED = "success: false in a documented word"
    REFUSED_STRANGELY = "success: false in a word that nobody documented"
    BODY_TRUNCATED = "the body is cut short"
    BODY_GARBAGE = "the body is garbage"
    BODY_HTML = "the body is a page of HTML"
    OTHER_ORDER = "200 for another existing order"
    # What lists and reports show
    LIST_LAG = "lists of orders and fills lag behind"
    BALANCE_LAG = "balances lag behind"
    PAGES_REORDERED = "entries of a list change places"
    PAGES_REPEATED = "entries of a list come twice"
    PAGES_MISSING = "entries of a list are missing once"
    FILLS_SHUFFLED = "fills are shown out of order"
    FILLS_REPEATED = "fills are shown twice"
    PARTIAL_THEN_CANCELLED = "orders are filled in part, then cancelled by the venue"
    # The market
    PRODUCT_HALTED = "a product is halted"
    PRECISION_CHANGED = "a product's grid changes"
    QUOTES_STALE = "quotes stop"
    QUOTES_CROSSED = "a quote is crossed"
    QUOTES_NAN = "a price is NaN"
    QUOTES_NEGATIVE = "a price is below zero"
    QUOTES_ZERO = "a price is zero"
    QUOTES_HUGE = "a price is 1e308"
    # Time
    WALL_JUMP = "the wall clock jumps"
    PAUSE = "the process stands still"
    # The disk
    DISK_FULL = "the disk is full"
    DISK_ERROR = "the disk fails"
    SHORT_WRITE = "a write stops half-way"
    # The process and its surroundings
    KILLED = "the process is killed"
    POWER_LOSS = "power is lost, and what was not synced with it"
    POLICY_CHANGED = "the policy directory changes"
    KILL_SWITCH = "the kill switch is thrown"
    COMMANDS = "an operator commands"

    # An Enum's own is a call of Python, and every request asks which of these are on.
    __hash__ = object.__hash__


_BY_NAME = list(Fault)


def _until(first: Fault, last: Fault) -> tuple[Fault, ...]:
    return tuple(_BY_NAME[_BY_NAME.index(first) : _BY_NAME.index(last) + 1])


OF_REQUESTS = _until(Fault.REQUEST_LOST, Fault.OTHER_ORDER)
OF_LISTS = _until(Fault.LIST_LAG, Fault.PARTIAL_THEN_CANCELLED)
OF_PRODUCTS = _until(Fault.PRODUCT_HALTED, Fault.PRECISION_CHANGED)
OF_QUOTES = _until(Fault.QUOTES_STALE, Fault.QUOTES_HUGE)
OF_SURROUNDINGS = _until(Fault.WALL_JUMP, Fault.COMMANDS)
"""Those that strike at an await or a disk call."""
