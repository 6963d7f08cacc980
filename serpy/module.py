"""How a script module declares itself: one class is the whole export table.

    class Maxfwd(Module):
        name = "maxfwd"

        max_limit = Param(256, unit="hops", doc="A larger Max-Forwards is lowered to this.")

        @command("mf_process_maxfwd_header", routes=Route.REQUEST)
        def process(self, call: Call, limit: int) -> bool:
            ...

The class can be read without a server (the checker and the documentation do); an instance is the state of the
module within one server.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Flag, auto
from functools import cached_property
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Generic,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

if TYPE_CHECKING:
    from .apis import Host
    from .db.tables import Table

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class Route(Flag):
    """The kinds of route block; a command names those in which it may stand."""

    REQUEST = auto()
    FAILURE = auto()
    ONREPLY = auto()
    BRANCH = auto()
    ONSEND = auto()
    ANY = REQUEST | FAILURE | ONREPLY | BRANCH | ONSEND

    @property
    def keyword(self) -> str:
        """The word that opens such a block in a script."""
        return _KEYWORDS.get(self, "route")


_KEYWORDS = {
    Route.REQUEST: "route",
    Route.FAILURE: "failure_route",
    Route.ONREPLY: "onreply_route",
    Route.BRANCH: "branch_route",
    Route.ONSEND: "onsend_route",
}


class Does(Flag):
    """What a command comes to for somebody who reads a script: the checker follows requests by it (cfg/lint)."""

    NOTHING = 0
    REPLIES = auto()
    """Answers the request, with the code in its first argument where it takes one."""
    RELAYS = auto()
    """Sends the request on within a transaction; where it takes no host, to the Request-URI."""
    FORWARDS = auto()
    """Sends the request on without one."""
    COPIES = auto()
    """Sends a copy elsewhere, whose replies do not come to the sender."""
    SAVES = auto()
    """Takes the contacts of a REGISTER as those of a user."""
    STORES = auto()
    """Keeps a MESSAGE for later."""
    AUTHENTICATES = auto()
    """True when the sender has proved who it is, or comes from an address that is trusted."""
    LIMITS_HOPS = auto()
    """False when Max-Forwards is used up."""
    STARTS_TRANSACTION = auto()
    """True when there is a transaction now."""
    FINDS_USER = auto()
    """True when the Request-URI has become one that the server itself knew."""
    CHECKS_URI = auto()
    """True when the Request-URI is one that the server serves."""
    IN_DIALOG = auto()
    """True for a request within a dialog, which follows the route that the dialog's first request made."""
    CHANGES_URI = auto()
    """Changes the Request-URI, but not the host in it."""
    SETS_HOST = auto()
    """Puts a host of the script's choice into the Request-URI."""
    CHANGES_FLAGS = auto()
    """May change flags of the message."""
    LOOKS = auto()
    """Only looks at what was received: it answers the same however often it is asked."""
    ENDS = auto()
    """Always answers 0, which ends the route or the script."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """What a command's argument must be. `convert` runs once, at load, and raises ValueError with what is wrong."""

    name: str
    """For people, with its article: `a number`, `a regular expression`."""
    convert: Callable[[str], T]


@dataclass(frozen=True, slots=True)
class RouteName:
    """Mark of an argument that names a route block of this kind; the empty name and "0" mean none."""

    kind: Route


def _number(text: str) -> int:
    try:
        return int(text.strip(), 0) if text.strip().lower().startswith("0x") else int(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a whole number") from None


NUMBER = Kind("a number", _number)
STRING = Kind("a string", str)
BYTES = Kind("a string", lambda text: text.encode("utf-8", "surrogateescape"))

_PLAIN_KINDS: dict[Any, Kind[Any]] = {int: NUMBER, str: STRING, bytes: BYTES}


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command: its name, what it must be, and whether it may be left out."""

    name: str
    kind: Kind[Any]
    optional: bool
    route: RouteName | None = None


class Command:
    """One name under which a script calls a method of a module."""

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        routes: Route,
        transport: str = "",
        does: Does = Does.NOTHING,
    ) -> None:
        self.name = name
        self.function = function
        self.routes = routes
        self.transport = transport
        """The transport that it sends over whatever the message says: `tcp`, `tls`, `udp`; "" where that is open."""
        self.does = does
        self.method = function.__name__
        self.doc = inspect.getdoc(function) or ""

    @cached_property
    def arguments(self) -> tuple[Argument, ...]:
        """The arguments behind `call`, from the method's signature."""
        hints = get_type_hints(self.function, include_extras=True)
        parameters = list(inspect.signature(self.function).parameters.values())[2:]
        return tuple(
            _argument(parameter.name, hints[parameter.name], parameter.default is not parameter.empty)
            for parameter in parameters
        )

    @property
    def arity(self) -> tuple[int, int]:
        """The least and the most arguments."""
        return sum(not argument.optional for argument in self.arguments), len(self.arguments)

    @cached_property
    def is_bool(self) -> bool:
        """True when the command answers true or false only, so that it cannot end the script by answering 0."""
        return get_type_hints(self.function).get("return") is bool

    def __repr__(self) -> str:
        return f"<Command {self.name}>"


def _argument(name: str, hint: Any, optional: bool) -> Argument:
    kind: Kind[Any] | None = None
    route: RouteName | None = None
    plain = hint
    if get_origin(hint) is Annotated:
        plain, *marks = get_args(hint)
        kind = next((mark for mark in marks if isinstance(mark, Kind)), None)
        route = next((mark for mark in marks if isinstance(mark, RouteName)), None)
    if kind is None:
        known = [_PLAIN_KINDS[one] for one in (plain, *get_args(plain)) if one in _PLAIN_KINDS]
        if not known:
            raise TypeError(f"argument {name!r}: {hint!r} is neither int, str, bytes nor Annotated with a Kind")
        kind = known[0]
    return Argument(name, kind, optional, route)


def command(
    *names: str, routes: Route = Route.REQUEST, transport: str = "", does: Does = Does.NOTHING
) -> Callable[[F], F]:
    """Make a method callable from scripts under these names.

    The method takes the `Call` and then the script's arguments, converted at load by their annotation (int, str,
    bytes, or `Annotated[..., Kind(...)]`). It answers a bool, or an int: above 0 true, below 0 false, 0 ends the
    script. An `async def` may suspend the route. `transport` names the one that the command sends over, where that is
    fixed; `does` says what the command comes to, for the checker.
    """

    def mark(function: F) -> F:
        declared: list[Command] = function.__dict__.setdefault("__serpy_commands__", [])
        declared.extend(Command(name, function, routes, transport, does) for name in names)
        return function

    return mark


class Select:
    """One path under which a script reads a part of a message: `@from.uri`, `@via.*.host`."""

    def __init__(self, path: str, function: Callable[..., Any], is_uri: bool) -> None:
        self.path = path
        self.parts = tuple(path.split("."))
        self.function = function
        self.is_uri = is_uri
        """What is read is a URI, whose parts may follow: `.user`, `.host`, ..."""
        self.method = function.__name__
        self.doc = inspect.getdoc(function) or ""

    @cached_property
    def takes(self) -> tuple[tuple[str, bool], ...]:
        """The parameters that the stars of the path are for: the name, and whether it must be a number."""
        hints = get_type_hints(self.function)
        names = list(inspect.signature(self.function).parameters)[2:]
        return tuple((name, hints[name] is int) for name in names)

    def __repr__(self) -> str:
        return f"<Select @{self.path}>"


def select(*paths: str, uri: bool = False) -> Callable[[F], F]:
    """Make a method readable from scripts under these paths: `@select("hf_value.*")` for `@hf_value["Subject"]`.

    A `*` stands for a part that the script chooses: a name, or a number where the method's annotation is `int`. The
    method takes the `Call` and then these parts, and answers bytes, or None for what the message does not have. It
    raises ValueError when the message cannot be read. With `uri` the parts of a URI may follow the path.
    """

    def mark(function: F) -> F:
        declared: list[Select] = function.__dict__.setdefault("__serpy_selects__", [])
        declared.extend(Select(path, function, uri) for path in paths)
        return function

    return mark


class Param(Generic[T]):
    """A parameter of a module, set by `modparam`; reading it on an instance gives its value.

    Args:
        default: the value when the script sets none.
        kind: `int` or `str`, where the default (None) does not tell.
        unit: `s`, `ms`, `hops`, ... for the documentation.
        doc: what it means, in one sentence.
        aliases: further names.
        accumulates: each `modparam` adds to a list instead of replacing.
        effect: False for what is taken so that a script runs unchanged, but changes nothing in serpy.
        versions: the SER versions that have it (`0.9 2.0`), where not all do.
    """

    name: str

    def __init__(
        self,
        default: T,
        *,
        kind: type[int] | type[str] | None = None,
        unit: str = "",
        doc: str = "",
        aliases: Sequence[str] = (),
        accumulates: bool = False,
        effect: bool = True,
        versions: str = "",
    ) -> None:
        self.default = default
        self.kind: type[int] | type[str] = kind or (int if isinstance(default, int) else str)
        self.unit = unit
        self.doc = doc
        self.aliases = tuple(aliases)
        self.accumulates = accumulates
        self.effect = effect
        self.versions = versions

    def __set_name__(self, owner: type[Module], name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type[Module]) -> Param[T]: ...
    @overload
    def __get__(self, instance: Module, owner: type[Module]) -> T: ...
    def __get__(self, instance: Module | None, owner: type[Module]) -> Param[T] | T:
        if instance is None:
            return self
        value: T = instance.values.get(self.name, self.default)
        return value

    def __set__(self, instance: Module, value: T) -> None:
        instance.values[self.name] = value


class Need:
    """The instance of another module in the same server; None where it is only wanted and not loaded."""

    def __init__(self, module: str, required: bool) -> None:
        self.module = module
        self.required = required

    def __set_name__(self, owner: type[Module], name: str) -> None:
        self.name = name

    def __get__(self, instance: Module | None, owner: type[Module]) -> Any:
        return self if instance is None else instance.bound.get(self.name)


def need(module: str) -> Any:
    """Declare that another module must be loaded: `tm: Tm = need("tm")`. It is started before this one."""
    return Need(module, required=True)


def want(module: str) -> Any:
    """Declare that another module is used where it is loaded: `usrloc: Usrloc | None = want("usrloc")`."""
    return Need(module, required=False)


@dataclass(frozen=True, slots=True)
class Timer:
    """A method that runs every so many seconds while the server runs."""

    method: str
    every: str | float


def timer(every: str | float) -> Callable[[F], F]:
    """Run the method (plain or `async def`) every `every` seconds: a number or the name of a parameter; 0 is never."""

    def mark(function: F) -> F:
        function.__dict__["__serpy_timer__"] = every
        return function

    return mark


def rpc(name: str) -> Callable[[F], F]:
    """Offer the method to the control interface under this name."""

    def mark(function: F) -> F:
        function.__dict__["__serpy_rpc__"] = name
        return function

    return mark


class Hook(Flag):
    """The moments at which a module sees every message."""

    BEFORE_SCRIPT = auto()
    """`(call) -> bool` for each request; False drops it silently."""
    AFTER_SCRIPT = auto()
    """`(call) -> None` when the request's script has ended, however it ended."""
    REPLY = auto()
    """`(call) -> bool` for each reply before it is forwarded; True: it has been consumed."""


def hook(moment: Hook) -> Callable[[F], F]:
    """Run the method at this moment."""

    def mark(function: F) -> F:
        function.__dict__["__serpy_hook__"] = moment
        return function

    return mark


class ParamError(ValueError):
    """A parameter's value cannot be used: raised by `Module.prepare`, reported at the `modparam` line."""

    def __init__(self, param: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.param = param
        self.hint = hint


class Module:
    """Base of all script modules."""

    name: ClassVar[str] = ""
    """The name in `loadmodule` and `modparam`."""
    aliases: ClassVar[tuple[str, ...]] = ()
    """Other names that scripts use in `modparam` (SER's exported names, such as `sl_module`)."""
    schemes: ClassVar[tuple[str, ...]] = ()
    """The URL schemes for which this module is the database driver."""

    params: ClassVar[dict[str, Param[Any]]] = {}
    commands: ClassVar[dict[str, list[Command]]] = {}
    selects: ClassVar[dict[str, list[Select]]] = {}
    """By their first word."""
    needs: ClassVar[dict[str, Need]] = {}
    timers: ClassVar[tuple[Timer, ...]] = ()
    rpcs: ClassVar[dict[str, str]] = {}
    hooks: ClassVar[dict[Hook, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.params, cls.commands, cls.needs, cls.rpcs, cls.hooks = {}, {}, {}, {}, {}
        cls.selects = {}
        timers: list[Timer] = []
        seen: dict[str, Any] = {}
        for base in reversed(cls.__mro__):
            seen.update(vars(base))
        for attribute, value in seen.items():
            if isinstance(value, Param):
                for known_as in (value.name, *value.aliases):
                    cls.params[known_as] = value
            elif isinstance(value, Need):
                cls.needs[attribute] = value
            elif callable(value) and hasattr(value, "__dict__"):
                for declared in value.__dict__.get("__serpy_commands__", ()):
                    cls.commands.setdefault(declared.name, []).append(declared)
                for path in value.__dict__.get("__serpy_selects__", ()):
                    cls.selects.setdefault(path.parts[0], []).append(path)
                if "__serpy_timer__" in value.__dict__:
                    timers.append(Timer(attribute, value.__dict__["__serpy_timer__"]))
                if "__serpy_rpc__" in value.__dict__:
                    cls.rpcs[value.__dict__["__serpy_rpc__"]] = attribute
                if "__serpy_hook__" in value.__dict__:
                    cls.hooks[value.__dict__["__serpy_hook__"]] = attribute
        cls.timers = tuple(timers)

    def __init__(self, host: Host) -> None:
        self.host = host
        self.values: dict[str, Any] = {}
        """The parameters that the script set, by name."""
        self.bound: dict[str, Module | None] = {}
        """The modules behind `needs`, by attribute."""
        self.warnings: list[ParamError] = []
        """What `prepare` found odd about a parameter, but can work with; shown at its `modparam` line."""

    def bind(self, declared: Command) -> Callable[..., Any]:
        """The callable that the compiled script calls; override to choose a plain or an awaiting variant."""
        bound: Callable[..., Any] = getattr(self, declared.method)
        return bound

    def prepare(self) -> None:
        """Check the parameters and make ready, before routes are compiled; no I/O.

        Raises:
            ParamError: a parameter's value cannot be used.
        """

    def tables(self) -> Sequence[tuple[str, Table]]:
        """The database tables that this module will use with its parameters as set: (database URL, table)."""
        return ()

    async def start(self) -> None:
        """Open what the module needs (its needs are started); sockets are open, no traffic is read yet."""

    async def stop(self) -> None:
        """Finish and close; no more traffic comes."""


def every_seconds(module: Module, declared: Timer) -> float:
    """The period of a timer in seconds with the module's parameters as set."""
    every = declared.every
    return float(module.params[every].__get__(module, type(module))) if isinstance(every, str) else every
