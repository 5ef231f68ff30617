"""Requests at a rate that does not ask whether the service keeps up, on connections of their own; load.py says what for."""
import asyncio
import re
import time


class Tally:
    """What came of requests that began at second `begin` of their run or later: latencies in milliseconds."""

    def __init__(self, begin):
        self.begin = begin
        self.sent, self.good, self.shed, self.bare, self.other = 0, [], 0, 0, 0
        self.retry_after = set()
        self.late = 0  # seconds by which a request was sent after its time, at most: then the client was too slow

    def add(self, latency, status, head):
        self.sent += 1
        if status == 200:
            self.good.append(latency * 1e3)
        elif status in (429, 503):
            self.shed += 1
            wait = re.search(rb"(?i)\r\nretry-after: (\d+)", head)
            if wait:
                self.retry_after.add(int(wait[1]))
            else:
                self.bare += 1
        else:
            self.other += 1

    def percentile(self, share):
        ordered = sorted(self.good)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def post(path, body):
    return (f"POST {path} HTTP/1.1\r\nHost: load\r\nContent-Type: application/json\r\nConnection: close\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


async def ask(port, request, tally, start):
    begin = time.monotonic()
    status, answer = 0, b""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        answer = await reader.read(-1)
        writer.close()
        status = int(answer[9:12])
    except (OSError, ValueError):
        pass
    if begin - start >= tally.begin:
        tally.add(time.monotonic() - begin, status, answer)


async def closed(port, request, connections, seconds):
    """Each client asks again when it has its answer."""
    tally, start = Tally(0), time.monotonic()

    async def client():
        while time.monotonic() < start + seconds:
            await ask(port, request, tally, start)

    await asyncio.gather(*(client() for _ in range(connections)))
    tally.seconds = time.monotonic() - start
    return tally


async def opened(port, request, rate, begin, seconds):
    """So many a second for all of these seconds; those before `begin` fill the queues, and do not count."""
    tally, start, under_way = Tally(begin), time.monotonic(), set()
    for number in range(int(rate * seconds)):
        due = start + number / rate
        await asyncio.sleep(max(0, due - time.monotonic()))
        tally.late = max(tally.late, time.monotonic() - due)
        task = asyncio.create_task(ask(port, request, tally, start))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    tally.seconds = time.monotonic() - start - begin  # how long it took to offer them
    await asyncio.gather(*under_way)
    return tally
