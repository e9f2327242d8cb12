"""Values at the checkpoints."""


def parts():
    x = 5
    print("Function Part 1")
    yield x
    x += 7
    print("Function part 2")
    yield x
    print("Function part 3")


function = parts()
print(next(function))
print(next(function))
try:
    next(function)
except StopIteration:
    pass
