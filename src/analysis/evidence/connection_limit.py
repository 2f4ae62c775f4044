"""How many connections a database takes: what its parameter group says, else what RDS computes from the memory of its class.

The computed figure is a little too high: RDS takes the memory that the instance itself needs off first.
"""

import re

GIB = 1024**3
# bytes of memory for each connection, and the most that are ever allowed, in the default parameter groups
DEFAULTS = {
    "postgres": (9_531_392, 5_000),
    "aurora-postgresql": (9_531_392, 5_000),
    "mysql": (12_582_880, 16_000),
    "mariadb": (25_165_760, 12_000),
}
_FORMULA = re.compile(r"(?:LEAST\()?\{DBInstanceClassMemory/(\d+)\}(?:,(\d+)\))?")
_CLASS = re.compile(r"db\.([a-z])\w*\.(\w+)")
_SMALL = {"micro": 1, "small": 2, "medium": 4}
_LARGE = {"c": 4, "m": 8, "t": 8, "r": 16}
_TIMES = {"large": 1, "xlarge": 2} | {f"{n}xlarge": 2 * n for n in (2, 4, 8, 12, 16, 24, 32)}


def memory_of(instance_class: str) -> int | None:
    """The bytes of memory that a class has, by its family and size; none for a family that is not known here."""
    match = _CLASS.fullmatch(instance_class)
    if match is None:
        return None
    family, size = match.groups()
    if family == "t" and size in _SMALL:
        return _SMALL[size] * GIB
    return _LARGE[family] * _TIMES[size] * GIB if family in _LARGE and size in _TIMES else None


def told(instance_class: str, engine: str, parameter: str) -> str:
    """The line of the evidence; empty where neither says it. `parameter` is what somebody set in the parameter group."""
    if parameter.isdecimal():
        return f"max connections: {parameter} (parameter group)"
    formula = _FORMULA.fullmatch(parameter.replace(" ", ""))
    per, most = (int(formula[1]), int(formula[2] or 0)) if formula else (0, 0) if parameter else DEFAULTS.get(engine, (0, 0))
    memory = memory_of(instance_class)
    if memory is None or not per:
        return ""
    allowed = min(memory // per, most) if most else memory // per
    return f"max connections: about {allowed} ({instance_class}, {'parameter group' if formula else 'default'} formula)"
