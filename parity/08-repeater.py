"""A repeater: each value sent comes back."""


def repeater():
    echo = ""
    while True:
        word = yield echo
        echo = f"Echo: {word}"


wall = repeater()
next(wall)
print(wall.send("First"))
print(wall.send("Second"))
