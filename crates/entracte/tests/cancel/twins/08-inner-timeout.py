"""An outer timeout goes off while the inner one's clean-up runs."""
from asyncio import sleep, timeout
from twin import everywhere, say


async def program():
    try:
        async with timeout(4):
            try:
                async with timeout(2):
                    try:
                        await sleep(9)
                    finally:
                        say("inner begins")
                        await sleep(3)
                        say("inner ends")
            except TimeoutError:
                say("inner elapsed")
    except TimeoutError:
        say("outer elapsed")
    return "the end"


everywhere(program, 4)
