"""Eight queens, by backtracking."""

SIZE = 8


def attacked(placed, column):
    row = len(placed)
    return any(c == column or abs(c - column) == row - r for r, c in enumerate(placed))


def queens(placed):
    """Yields each way to complete the board, as the column of the queen in each row."""
    if len(placed) == SIZE:
        yield placed
        return
    for column in range(SIZE):
        if not attacked(placed, column):
            yield from queens(placed + [column])


solutions = queens([])
for queen in next(solutions):
    print(" ".join("Q" if column == queen else "." for column in range(SIZE)))
print(f"{1 + sum(1 for _ in solutions)} solutions")
