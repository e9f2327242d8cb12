"""The same fringe: two trees compared leaf by leaf."""

from itertools import zip_longest


def leaves(tree):
    if isinstance(tree, tuple):
        left, right = tree
        yield from leaves(left)
        yield from leaves(right)
    else:
        print(f"  leaf {tree}")
        yield tree


def same_fringe(one, other):
    """Stops at the first difference: the other leaves are never visited."""
    return all(x == y for x, y in zip_longest(leaves(one), leaves(other)))


def compare(title, one, other):
    print(title)
    same = same_fringe(one, other)
    print("  same" if same else "  different")


compare("two shapes, the same leaves", ((1, 2), 3), (1, (2, 3)))
compare("different at the second leaf", ((1, 2), (3, 4)), (1, (5, (3, 4))))
compare("one leaf more", (1, 2), ((1, 2), 3))
