"""Sources that a strategy may not have, each with the codes and places that it earns."""

from __future__ import annotations

_PROPOSE = "def propose(context):\n    return []\n"


def _with(line: str) -> str:
    return f"{line}\n{_PROPOSE}"


def _inside(line: str) -> str:
    return f"def propose(context):\n    {line}\n    return []\n"


BAD: dict[str, tuple[str, list[str]]] = {
    "it does not parse": ("def propose(context)\n", ["M382:1:21"]),
    "the system": (_with("import os"), ["M383:1:8"]),
    "part of the system": (_with("from os import path"), ["M383:1:1"]),
    "a part of what is given, as a whole": (_with("import collections.abc"), ["M383:1:8"]),
    "chance": (_with("from random import random"), ["M383:1:1"]),
    "what keeps results": (_with("from functools import lru_cache"), ["M383:1:23"]),
    "the money's own precision": (_with("from decimal import Decimal, getcontext"), ["M383:1:30"]),
    "attributes by text": (_with("from operator import attrgetter"), ["M383:1:22"]),
    "everything": (_with("from math import *"), ["M383:1:18"]),
    "a neighbour": (_with("from . import other"), ["M383:1:1"]),
    "the engine": (_with("from engine.cycle import judge"), ["M383:1:1"]),
    "the engine as a whole": (_with("import engine.model.proposals"), ["M383:1:8"]),
    "an import inside": (_inside("import math"), ["M383:2:5"]),
    "a file": (_inside("open('x')"), ["M384:2:5"]),
    "evaluation": (_inside("eval('1')"), ["M384:2:5"]),
    "execution": (_inside("exec('1')"), ["M384:2:5"]),
    "attributes by name": (_inside("getattr(context, 'x')"), ["M384:2:5"]),
    "the names of the module": (_inside("globals()"), ["M384:2:5"]),
    "the import behind the imports": (_inside("__import__('os')"), ["M384:2:5"]),
    "the class behind a value": (_inside("context.__class__"), ["M384:2:5"]),
    "a private part": (_inside("context._x"), ["M384:2:5"]),
    "the frame behind a generator": (_inside("(x for x in ()).gi_frame"), ["M384:2:5"]),
    "the code behind a function": (_inside("propose.func_code"), ["M384:2:5"]),
    "the class behind a value, by a pattern": (
        _inside("match context:\n        case dict(__class__=x):\n            return x"),
        ["M384:3:14"],
    ),
    "attributes by format": (_inside("'{0.x}'.format(context)"), ["M384:2:5"]),
    "a method of Python's own": (
        _with("class A:\n    def __del__(self): pass"),
        ["M384:2:5"],
    ),
    "an argument of Python's own": (_with("def f(__x): return 1"), ["M384:1:7"]),
    "a set": (_inside("x = {1, 2}"), ["M385:2:9"]),
    "a set that is made": (_inside("x = set()"), ["M384:2:9"]),
    "a set comprehension": (_inside("x = {y for y in ()}"), ["M385:2:9"]),
    "a failure that is hidden": (
        _inside("try:\n        x = 1\n    except ValueError:\n        pass"),
        ["M385:2:5"],
    ),
    "a door": (_inside("with context: pass"), ["M385:2:5"]),
    "a shared name": (_inside("global x"), ["M385:2:5"]),
    "waiting": (
        "async def propose(context):\n    return []\n",
        ["M387:1:1", "M385:1:1", "M386:1:1"],
    ),
    "a generator": ("def propose(context):\n    yield 1\n", ["M385:2:5"]),
    "writing to what is given": (_inside("context.params = 1"), ["M385:2:5"]),
    "deleting": (_inside("x = 1\n    del x"), ["M385:3:5"]),
    "a class with keywords": (_with("class A(metaclass=int): pass"), ["M385:1:9"]),
    "an enumeration of lists": (
        _with("from enum import Enum\n\n\nclass A(list, Enum):\n    X = ()"),
        ["M386:4:15"],
    ),
    "an enumeration that makes lists": (
        _with("class A:\n    def _generate_next_value_(a, b, c, d): return []"),
        ["M384:2:5"],
    ),
    "a list at the top": (_with("SEEN = []"), ["M386:1:8"]),
    "a dict at the top": (_with("SEEN: dict = {}"), ["M386:1:14"]),
    "a call at the top": (_with("print('x')"), ["M384:1:1", "M386:1:1"]),
    "a loop at the top": (_with("for x in (): pass"), ["M386:1:1"]),
    "an object at the top": (_with("A = tuple([1])"), ["M386:1:5"]),
    "a default that is kept": (
        "def propose(context):\n    return []\n\n\ndef f(x=[]): return x\n",
        ["M386:5:9"],
    ),
    "a lambda's default that is kept": (_inside("f = lambda x=[]: x"), ["M386:2:18"]),
    "a class that keeps": (_with("class A:\n    seen = []"), ["M386:2:12"]),
    "a loop in a class": (_with("class A:\n    for x in (): pass"), ["M386:2:5"]),
    "a decorator that keeps": (
        _with("def f(x): return x\n\n\n@f\ndef g(x): return x"),
        ["M386:4:2"],
    ),
    "no function": ("X = 1\n", ["M387:1:1"]),
    "two functions": (_with(_PROPOSE), ["M387:1:1"]),
    "two arguments": ("def propose(context, memory):\n    return []\n", ["M387:1:1"]),
    "any argument": ("def propose(*context):\n    return []\n", ["M387:1:1"]),
    "a default for the context": ("def propose(context=None):\n    return []\n", ["M387:1:1"]),
    "a fact that is not declared": (
        _inside("x = context.candidates[0].facts['quote.bit']"),
        ["M388:2:37"],
    ),
    "a fact that is asked for": (
        _inside("x = context.candidates[0].facts.get('quote.bit')"),
        ["M388:2:41"],
    ),
    "a number that is asked for": (
        "B = 'quote.bit'\n" + _inside("x = context.candidates[0].number(B)"),
        ["M388:3:38"],
    ),
    "a parameter that is not declared": (_inside("x = context.params['a_pct']"), ["M388:2:24"]),
}
