"""Switching by hand between two coroutines."""


def function(number):
    for part in range(1, 6):
        print(f"Function {number} part {part}")
        yield


a = function(1)
b = function(2)

next(a)
next(b)
next(a)
next(a)
next(b)
next(b)
next(b)
next(a)
next(a)
