"""A for loop taken apart."""

numbers = [1, 2, 3, 4, 5]

for number in numbers:
    print(number)

# The same loop by hand: this is what `for` does.
iterator = iter(numbers)
while True:
    try:
        number = next(iterator)
    except StopIteration:
        break
    print(number)
