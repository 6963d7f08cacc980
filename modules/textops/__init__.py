"""Looking into messages and changing their text.

Regular expressions see the message as it was received: changes made earlier in the script are not visible to them,
and of two changes to the same bytes the first one stands.
"""

from __future__ import annotations

from email.utils import formatdate

from ...module import Does, Route, command
from ...script.call import Call
from ...script.regex import LineRegex
from ...sip.message import Field
from ...sip.uri import BadUri, parse_uri, set_user
from . import values
from .header import HeaderLines, HeaderName, header_lines, spelled_fields
from .selects import HeaderSelects
from .subst import Substitution
from .values import AnyPlace, HeaderPlace, ParamPlace, ValuePlace, ValueText

_MESSAGE = Route.REQUEST | Route.FAILURE | Route.ONREPLY
_EDIT = _MESSAGE | Route.BRANCH

MAX_URI = 1024
"""A rewritten Request-URI must not become longer (SER dialect 5.9)."""


class Textops(HeaderSelects):
    """Text operations on the received bytes; what is changed shows when the message is sent."""

    name = "textops"

    def prepare(self) -> None:
        # SER tells a compact name from the long one here, Kamailio does not
        self._equates = not self.host.dialect.is_ser

    # search and replace

    @command("search", routes=Route.ANY, does=Does.LOOKS)
    def search(self, call: Call, expression: LineRegex) -> bool:
        """Whether the expression matches anywhere in the message, first line and body included."""
        return expression.search(call.message.data) is not None

    @command("search_append", routes=_EDIT)
    def search_append(self, call: Call, expression: LineRegex, text: bytes) -> bool:
        """Insert the text behind the first match after the first line."""
        found = expression.search(call.message.data, _second_line(call))
        return found is not None and self._replace(call, found.end(), found.end(), text)

    @command("replace", routes=_EDIT)
    def replace(self, call: Call, expression: LineRegex, text: bytes) -> bool:
        """Replace the first match after the first line with the text."""
        found = expression.search(call.message.data, _second_line(call))
        return found is not None and self._replace(call, *found.span(), text)

    @command("replace_all", routes=_EDIT)
    def replace_all(self, call: Call, expression: LineRegex, text: bytes) -> bool:
        """Replace all matches after the first line with the text."""
        spans = [found.span() for found in expression.finditer(call.message.data, _second_line(call))]
        done = [self._replace(call, start, end, text) for start, end in spans if start < end]
        return any(done)

    @command("subst", routes=_EDIT)
    def subst(self, call: Call, substitution: Substitution) -> bool:
        """Substitute in the message after the first line: `/expression/replacement/flags`."""
        start = _second_line(call)
        changes = list(substitution.changes(call.message.data[start:], call.uri))
        done = [self._replace(call, start + first, start + end, text) for first, end, text in changes]
        return any(done)

    @command("subst_uri", routes=_EDIT, does=Does.CHANGES_URI)
    def subst_uri(self, call: Call, substitution: Substitution) -> bool:
        """Substitute in the current Request-URI."""
        changed = substitution.apply(call.uri, call.uri)
        return changed is not None and self._rewrite(call, changed)

    @command("subst_user", routes=_EDIT, does=Does.CHANGES_URI)
    def subst_user(self, call: Call, substitution: Substitution) -> bool:
        """Substitute in the user part of the current Request-URI."""
        try:
            user = substitution.apply(parse_uri(call.uri).user or b"", call.uri)
            return user is not None and self._rewrite(call, set_user(call.uri, user))
        except BadUri:
            return False

    def _replace(self, call: Call, start: int, end: int, text: bytes) -> bool:
        message = call.message
        if start < message.head_end < end or message.head_end < start < message.body_at:
            self.host.log.warning("textops: a change across the end of the headers is left out", call)
            return False
        if not call.edits.replace(start, end, text):
            self.host.log.warning("textops: this part of the message was changed before; the first change stands", call)
            return False
        return True

    def _rewrite(self, call: Call, uri: bytes) -> bool:
        try:
            if len(uri) > MAX_URI:
                raise BadUri(uri, f"it has {len(uri)} bytes, {MAX_URI} are allowed")
            parse_uri(uri)
        except BadUri as bad:
            self.host.log.warning(f"textops: the substituted Request-URI cannot be used: {bad}", call)
            return False
        call.uri = uri
        return True

    # whole headers

    @command("append_hf", routes=_EDIT)
    def append_hf(self, call: Call, header: HeaderLines) -> bool:
        """Add a header at the end of the headers."""
        call.edits.append_header(header)
        return True

    @command("append_urihf", routes=Route.REQUEST | Route.FAILURE | Route.BRANCH)
    def append_urihf(self, call: Call, prefix: bytes, suffix: bytes) -> bool:
        """Add a header made of `prefix`, the Request-URI as received, and `suffix`."""
        call.edits.append_header(header_lines(prefix + call.request.uri + suffix))
        return True

    @command("append_to_reply", routes=Route.REQUEST | Route.FAILURE | Route.BRANCH)
    def append_to_reply(self, call: Call, header: HeaderLines) -> bool:
        """Add a header to the replies that are made here for this request."""
        call.reply_headers.append(header)
        return True

    @command("append_time", routes=Route.REQUEST | Route.FAILURE | Route.BRANCH)
    def append_time(self, call: Call) -> bool:
        """Add a Date header to the replies that are made here for this request."""
        call.reply_headers.append(b"Date: %b\r\n" % formatdate(self.host.clock.time(), usegmt=True).encode())
        return True

    @command("is_present_hf", routes=Route.ANY, does=Does.LOOKS)
    def is_present_hf(self, call: Call, name: HeaderName) -> bool:
        """Whether the message has a header of this name."""
        return bool(self._fields(call, name))

    @command("remove_hf", routes=_EDIT)
    def remove_hf(self, call: Call, name: HeaderName) -> bool:
        """Remove all headers of this name; false when there is none."""
        return self._remove(call, self._fields(call, name))

    @command("remove_hf_re", routes=_EDIT)
    def remove_hf_re(self, call: Call, expression: LineRegex) -> bool:
        """Remove all headers whose name matches; false when there is none."""
        data = call.message.data
        return self._remove(
            call,
            [
                field
                for field in call.message.all_fields()
                if expression.search(data[field.start : field.value_start].partition(b":")[0].rstrip())
            ],
        )

    def _fields(self, call: Call, name: bytes) -> list[Field]:
        return call.message.fields(name) if self._equates else spelled_fields(call.message, name)

    def _remove(self, call: Call, fields: list[Field]) -> bool:
        for field in fields:
            call.edits.remove(field.start, field.end)
        return bool(fields)

    # single values

    @command("append_hf_value", routes=_EDIT)
    def append_hf_value(self, call: Call, place: ValuePlace, value: ValueText) -> bool:
        """Add a value behind `Header[index]`, or a new header at the end."""
        return values.append(call, place, value)

    @command("insert_hf_value", routes=_EDIT)
    def insert_hf_value(self, call: Call, place: ValuePlace, value: ValueText) -> bool:
        """Add a value before `Header[index]`, or a new header at the top."""
        return values.insert(call, place, value)

    @command("remove_hf_value", routes=_EDIT)
    def remove_hf_value(self, call: Call, place: AnyPlace) -> bool:
        """Remove `Header[index]`, `Header[index].param`, or all headers with `Header[*]`."""
        return values.remove(call, place)

    @command("remove_hf_value2", routes=_EDIT)
    def remove_hf_value2(self, call: Call, place: ParamPlace) -> bool:
        """Remove a parameter of a header like Authorization, whose parameters stand between commas."""
        return values.remove2(call, place)

    @command("assign_hf_value", routes=_EDIT)
    def assign_hf_value(self, call: Call, place: AnyPlace, value: ValueText) -> bool:
        """Replace `Header[index]`, `Header[index].param`, or all headers with `Header[*]`."""
        return values.assign(call, place, value)

    @command("assign_hf_value2", routes=_EDIT)
    def assign_hf_value2(self, call: Call, place: ParamPlace, value: ValueText) -> bool:
        """Set a parameter of a header like Authorization."""
        return values.assign2(call, place, value)

    @command("include_hf_value", routes=_EDIT)
    def include_hf_value(self, call: Call, place: HeaderPlace, value: ValueText) -> bool:
        """Add a value to a list header such as Supported unless it is there."""
        return values.include(call, place, value)

    @command("exclude_hf_value", routes=_EDIT)
    def exclude_hf_value(self, call: Call, place: HeaderPlace, value: ValueText) -> bool:
        """Take a value out of a list header such as Supported."""
        return values.exclude(call, place, value)

    @command("hf_value_exists", routes=Route.ANY)
    def hf_value_exists(self, call: Call, place: HeaderPlace, value: ValueText) -> bool:
        """Whether a list header such as Supported has this value."""
        return values.exists(call, place, value)


def _second_line(call: Call) -> int:
    message = call.message
    return message.data.index(b"\n", message.start) + 1
