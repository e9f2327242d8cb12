"""Grep, as a coroutine."""


def grep(pattern):
    print(f"Looking for {pattern}")
    try:
        while True:
            line = yield
            if pattern in line:
                print(line)
    except GeneratorExit:
        print("Exiting the Co-routine")


print("Starting")
search = grep("Python")
next(search)
search.send("Java is cool")
search.send("Python is cool")
search.close()
print("Done")
