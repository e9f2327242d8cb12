"""Values sent in."""


def parts():
    print("Function part 1")
    x = yield
    print(x)
    print("Function part 2")
    a = yield
    print(a)
    print("Function part 3")


function = parts()
next(function)
function.send(6)
try:
    function.send(12)
except StopIteration:
    pass
