"""A producer and a consumer with a short shelf between them."""

from collections import deque

ROOM = 2


def baker(shelf):
    for loaf in ["rye", "wheat", "oat", "spelt", "corn"]:
        while len(shelf) == ROOM:
            print("shelf full, the baker waits")
            yield
        print(f"baked {loaf}")
        shelf.append(loaf)


def customer(shelf):
    while True:
        while shelf:
            print(f"bought {shelf.popleft()}")
        print("shelf empty, the customer waits")
        yield


shelf = deque()
consumer = customer(shelf)
for _ in baker(shelf):
    next(consumer)
print("the baker goes home")
next(consumer)
