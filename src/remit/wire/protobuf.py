"""Messages of protobuf of which only some fields are known: the C parser makes nothing of the others.

A class is made from the published descriptor of a message and a tree of the names to know. Three tricks keep it cheap
and bounded, and all of them are the same bytes to the wire format: a list of attributes is a map, so that one is looked
up by its name without making objects of the rest; a part that may be long is bytes, so that one knows how many there
are before any is opened; and what nests without end (arrays and lists of attributes) is no field at all.
"""

from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor

UNOPENED = "unopened"
"""In a tree: this field is known as bytes."""

Known = Mapping[str, "Known | str | None"]
"""Names of fields; None for a plain value, UNOPENED, or what is known of the message that stands there."""

_FIELD = descriptor_pb2.FieldDescriptorProto
_PAIR = "opentelemetry.proto.common.v1.KeyValue"
_SCALARS = ("string_value", "bool_value", "int_value", "double_value")
_PACKAGE = "remit"


def partial(of: Descriptor, known: Known) -> Any:
    """A class of messages that knows these fields of a published one, and parses what that one parses."""
    file = descriptor_pb2.FileDescriptorProto(name="partial.proto", package=_PACKAGE, syntax="proto3")
    name = _Maker(file).add(of, known)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name.removeprefix(".")))


class _Maker:
    """Adds messages to one file, each under a name of its own."""

    def __init__(self, file: descriptor_pb2.FileDescriptorProto) -> None:
        self._file = file

    def add(self, of: Descriptor, known: Known) -> str:
        made = self._file.message_type.add(name=f"{of.name}{len(self._file.message_type)}")
        whole = descriptor_pb2.DescriptorProto()
        of.CopyToProto(whole)
        written = {one.name: one for one in whole.field}
        for name, below in known.items():
            one, inner = written[name], of.fields_by_name[name].message_type
            field = made.field.add(name=name, number=one.number, label=one.label, type=one.type)
            if one.HasField("oneof_index"):
                field.oneof_index = _choice(made, whole.oneof_decl[one.oneof_index].name)
                field.proto3_optional = one.proto3_optional
            if below == UNOPENED:
                field.type = _FIELD.TYPE_BYTES
            elif one.type == _FIELD.TYPE_ENUM:
                field.type = _FIELD.TYPE_INT32
            elif inner is not None and inner.full_name == _PAIR:
                field.type_name = self._map(made, inner.fields_by_name["value"].message_type)
            elif inner is not None:
                assert isinstance(below, Mapping), f"{name} is a message"
                field.type_name = self.add(inner, below)
        return f".{_PACKAGE}.{made.name}"

    def _map(self, made: descriptor_pb2.DescriptorProto, value_type: Descriptor | None) -> str:
        """A list of pairs as a map from text to scalars; of two pairs with one key the last counts."""
        entry = made.nested_type.add(name="AttributesEntry")
        entry.options.map_entry = True
        entry.field.add(name="key", number=1, label=_FIELD.LABEL_OPTIONAL, type=_FIELD.TYPE_STRING)
        assert value_type is not None, "the value of a pair is a message"
        scalars = self.add(value_type, dict.fromkeys(_SCALARS))
        value = entry.field.add(name="value", number=2, label=_FIELD.LABEL_OPTIONAL, type=_FIELD.TYPE_MESSAGE)
        value.type_name = scalars
        return f".{_PACKAGE}.{made.name}.AttributesEntry"


def _choice(made: descriptor_pb2.DescriptorProto, name: str) -> int:
    """The place of a group of fields of which a message has one."""
    names = [one.name for one in made.oneof_decl]
    if name not in names:
        made.oneof_decl.add(name=name)
        return len(names)
    return names.index(name)
