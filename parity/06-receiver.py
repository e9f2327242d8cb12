"""A receiver that cleans up."""


def receiver():
    try:
        while True:
            value = yield
            print(f"Received value: {value}")
    finally:
        print("Receiver closed")


inbox = receiver()
next(inbox)
inbox.send("Hello, world!")
inbox.close()
