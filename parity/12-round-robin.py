"""Round robin: a scheduler of coroutines."""

from collections import deque


class Spawned:
    """A scheduled coroutine, and its result once it has ended."""

    def __init__(self, name, coroutine):
        self.name = name
        self.coroutine = coroutine
        self.ended = False
        self.value = None
        self.error = None
        self.waiting = []

    def wait(self):
        """Waits, inside another coroutine, until this one has ended."""
        yield self
        if self.error:
            raise self.error
        return self.value


class RoundRobin:
    """Resumes each coroutine in turn: each `yield` is a switch."""

    def __init__(self):
        self.ready = deque()

    def spawn(self, name, coroutine):
        spawned = Spawned(name, coroutine)
        self.ready.append(spawned)
        return spawned

    def run(self):
        """Runs them all to their end, and returns those that failed."""
        failures = []
        while self.ready:
            current = self.ready.popleft()
            try:
                awaited = next(current.coroutine)
            except StopIteration as stop:
                current.value = stop.value
            except Exception as error:
                current.error = error
                failures.append((current.name, error))
            else:
                if awaited and not awaited.ended:
                    awaited.waiting.append(current)
                else:
                    self.ready.append(current)
                continue
            current.ended = True
            self.ready.extend(current.waiting)
        return failures


def cook(dish, minutes):
    for minute in range(1, minutes + 1):
        print(f"{dish}: minute {minute}")
        yield
    return minutes


def burn(dish):
    print(f"{dish}: minute 1")
    yield
    raise ValueError("too much heat")


def serve(meal, dishes):
    print(f"{meal}: the table is set")
    minutes = 0
    for dish in dishes:
        minutes += yield from dish.wait()
    print(f"{meal}: enjoy")
    return minutes


kitchen = RoundRobin()
soup = kitchen.spawn("soup", cook("soup", 3))
tea = kitchen.spawn("tea", cook("tea", 1))
toast = kitchen.spawn("toast", burn("toast"))
dinner = kitchen.spawn("dinner", serve("dinner", [soup, tea]))
kitchen.spawn("breakfast", serve("breakfast", [toast]))

for name, error in kitchen.run():
    print(f"{name} failed: {error}")
print(f"dinner took {dinner.value} minutes of cooking")
