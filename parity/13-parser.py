"""Arithmetic, by a parser that is sent its tokens."""


def tokens(text):
    """Yields the numbers and signs of `text`, then "" for its end."""
    text = text.lstrip()
    while text:
        digits = len(text) - len(text.lstrip("0123456789"))
        width = max(digits, 1)
        yield text[:width]
        text = text[width:].lstrip()
    yield ""


# Each rule is given its first token, and answers its value and the token after it.


def expression(token):
    value, sign = yield from term(token)
    while sign in ("+", "-"):
        right, after = yield from term((yield))
        value = value + right if sign == "+" else value - right
        sign = after
    return value, sign


def term(token):
    value, sign = yield from factor(token)
    while sign == "*":
        right, sign = yield from factor((yield))
        value *= right
    return value, sign


def factor(token):
    if token == "(":
        value, closing = yield from expression((yield))
        if closing != ")":
            fail("')'", closing)
        return value, (yield)
    if token == "-":
        value, after = yield from factor((yield))
        return -value, after
    if not token.isdigit():
        fail("a number", token)
    return int(token), (yield)


def whole():
    value, token = yield from expression((yield))
    if token != "":
        fail("the end", token)
    return value


def fail(expected, found):
    raise ValueError(f"expected {expected}, found '{found}'")


def evaluate(text):
    parser = whole()
    next(parser)
    try:
        for token in tokens(text):
            parser.send(token)
    except StopIteration as stop:
        return stop.value


for text in ["1 + 2 * 3", "(1 + 2) * 3", "2 * (7 - -3) - 10 * 10", "4 * * 2", "(8", "6 7"]:
    try:
        print(f"{text} = {evaluate(text)}")
    except ValueError as error:
        print(f"{text}: {error}")
