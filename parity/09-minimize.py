"""The least value so far."""

import math


def minimize():
    least = math.inf
    while True:
        value = yield least
        least = min(least, value)


minimum = minimize()
next(minimum)
for value in [10, 4, 22]:
    print(minimum.send(value))
