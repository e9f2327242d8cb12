"""A walk through a tree with `yield from`."""


class Tree:
    def __init__(self, value):
        self.value = value
        self.left = None
        self.right = None

    def insert(self, value):
        side = "left" if value < self.value else "right"
        branch = getattr(self, side)
        if branch is None:
            setattr(self, side, Tree(value))
        else:
            branch.insert(value)

    def walk(self):
        """Yields the values in order, and returns how many there were."""
        count = 1
        if self.left:
            count += yield from self.left.walk()
        yield self.value
        if self.right:
            count += yield from self.right.walk()
        return count


tree = Tree("manager")
for word in ["curtain", "stage", "actor", "lamp", "prompter", "usher"]:
    tree.insert(word)

walk = tree.walk()
while True:
    try:
        print(next(walk))
    except StopIteration as stop:
        print(f"{stop.value} words")
        break
