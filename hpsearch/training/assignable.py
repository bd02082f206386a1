"""`AssignableNumber`: a number that a graph reads anew in every step instead of holding it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import cache
from typing import Any

Operation = Callable[[Any, Any], Any]


class AssignableNumber:
    """A Python float inside a graph that is being traced, of which another value may be assigned.

    It stands where Keras has a plain float, such as `Dropout.rate`, and behaves like one: with
    other Python numbers it computes in float64 and stays what it is, with a tensor it takes that
    tensor's type. Results are therefore those of the plain float, to the bit. Comparisons decide
    by the value at the time of tracing: a graph serves all values that compare alike, with 0 say.

    Args:
        value: At the time of tracing.
        read: Gives the value of a step, a float64 scalar, inside a graph.
    """

    def __init__(self, value: float, read: Callable[[], Any]) -> None:
        _register()
        self.value = value
        self.read = read

    def _with(self, other: Any, operation: Operation, *, is_right: bool = False) -> Any:
        def apply(own: Any, its: Any) -> Any:
            return operation(its, own) if is_right else operation(own, its)

        if isinstance(other, AssignableNumber):
            value, read = apply(self.value, other.value), other.read
            return AssignableNumber(value, lambda: apply(self.read(), read()))
        if isinstance(other, int | float):
            return AssignableNumber(
                apply(self.value, float(other)), lambda: apply(self.read(), _float64(other))
            )
        tensor = _tensor(other)
        return apply(_cast(self.read(), tensor.dtype), tensor)

    def __add__(self, other: Any) -> Any:
        return self._with(other, operator.add)

    def __radd__(self, other: Any) -> Any:
        return self._with(other, operator.add, is_right=True)

    def __sub__(self, other: Any) -> Any:
        return self._with(other, operator.sub)

    def __rsub__(self, other: Any) -> Any:
        return self._with(other, operator.sub, is_right=True)

    def __mul__(self, other: Any) -> Any:
        return self._with(other, operator.mul)

    def __rmul__(self, other: Any) -> Any:
        return self._with(other, operator.mul, is_right=True)

    def __truediv__(self, other: Any) -> Any:
        return self._with(other, operator.truediv)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with(other, operator.truediv, is_right=True)

    def __pow__(self, other: Any) -> Any:
        return self._with(other, operator.pow)

    def __rpow__(self, other: Any) -> Any:
        return self._with(other, operator.pow, is_right=True)

    def __neg__(self) -> AssignableNumber:
        return AssignableNumber(-self.value, lambda: -self.read())

    def __bool__(self) -> bool:
        return bool(self.value)

    def __eq__(self, other: object) -> bool:
        return self.value == other

    def __lt__(self, other: float) -> bool:
        return self.value < other

    def __le__(self, other: float) -> bool:
        return self.value <= other

    def __gt__(self, other: float) -> bool:
        return self.value > other

    def __ge__(self, other: float) -> bool:
        return self.value >= other

    __hash__ = object.__hash__


@cache
def _register() -> None:
    """Let TensorFlow take it wherever it takes a number."""
    import tensorflow as tf

    def convert(number: AssignableNumber, dtype: Any = None, *_: Any, **__: Any) -> Any:
        return tf.cast(number.read(), dtype or tf.float32)

    tf.register_tensor_conversion_function(AssignableNumber, convert)


def _float64(number: float) -> Any:
    import tensorflow as tf

    return tf.constant(number, tf.float64)


def _tensor(value: Any) -> Any:
    import tensorflow as tf

    return tf.convert_to_tensor(value)


def _cast(value: Any, dtype: Any) -> Any:
    import tensorflow as tf

    return tf.cast(value, dtype)
