"""A function in two parts."""


def parts():
    print("Function Starts")
    yield
    print("Function Ends")


for _ in parts():
    pass
