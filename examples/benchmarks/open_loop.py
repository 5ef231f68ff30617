"""Requests at a rate that does not ask whether the service keeps up; load.py says what for.

One thread, and connections that are kept as long as the service keeps them, as a load balancer does: the clients share
the processors with the service, and should take little.
"""
import errno
import re
import select
import socket
import time


class Tally:
    """What was sent, and what was answered, from second `begin` of a run on to its end: latencies in milliseconds."""

    def __init__(self, begin):
        self.begin, self.ended = begin, False
        self.sent, self.good, self.shed, self.bare, self.other = 0, [], 0, 0, 0
        self.retry_after = set()
        self.late = 0  # seconds by which a request was sent after its time, at most: then the client was too slow
        self.seconds = 0  # how long they were offered
        self.processor = 0  # seconds of a processor that the clients took meanwhile

    def add(self, latency, status, head):
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

    @property
    def goodput(self):
        return len(self.good) / self.seconds

    @property
    def offered(self):
        return self.sent / self.seconds

    def percentile(self, share):
        ordered = sorted(self.good)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def post(path, body):
    return (f"POST {path} HTTP/1.1\r\nHost: load\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


class Exchange:
    """A connection, and the request that is under way on it, if any."""

    def __init__(self, port):
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.begin, self.unsent, self.answer = None, b"", b""
        if self.socket.connect_ex(("127.0.0.1", port)) not in (0, errno.EINPROGRESS):
            raise OSError("no connection")

    def is_whole(self):
        head, found, body = self.answer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        return bool(found) and (len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n"))


class Clients:
    """Exchanges of one request each, on as many connections as are under way at the same time."""

    def __init__(self, port, request, tally):
        self.port, self.request, self.tally = port, request, tally
        self.start = time.monotonic()
        self.epoll, self.open, self.free = select.epoll(), {}, []

    def ask(self):
        exchange = self.free.pop() if self.free else self.connect()
        self.tally.sent += self.counts()
        exchange.begin, exchange.unsent, exchange.answer = time.monotonic(), self.request, b""
        self.send(exchange)

    def connect(self):
        exchange = Exchange(self.port)
        self.open[exchange.socket.fileno()] = exchange
        self.epoll.register(exchange.socket, select.EPOLLIN)
        return exchange

    def send(self, exchange):
        try:
            exchange.unsent = exchange.unsent[exchange.socket.send(exchange.unsent):]
        except BlockingIOError:
            pass
        except OSError:
            exchange.unsent = b""  # the service has closed it; what it said before is read next
        self.epoll.modify(exchange.socket, select.EPOLLIN | (select.EPOLLOUT if exchange.unsent else 0))

    def wait(self, until):
        """Lets what is under way go on, until then or until something has ended; how many have."""
        ended = 0
        for number, events in self.epoll.poll(max(0, until - time.monotonic())):
            exchange = self.open[number]
            if events & select.EPOLLOUT:
                self.send(exchange)
            if events & ~select.EPOLLOUT:
                ended += self.receive(exchange)
        return ended

    def receive(self, exchange):
        try:
            received = exchange.socket.recv(1 << 16)
        except BlockingIOError:
            return 0
        except OSError:
            received = b""
        exchange.answer += received
        if received and not exchange.is_whole():
            return 0
        was_asked = exchange.begin is not None
        if was_asked:
            self.count(exchange)
        if received and not re.search(rb"(?i)\r\nconnection: close", exchange.answer):
            self.free.append(exchange)
        else:
            self.close(exchange)
        return was_asked

    def count(self, exchange):
        now, begin, exchange.begin = time.monotonic(), exchange.begin, None
        status = int(exchange.answer[9:12]) if exchange.is_whole() else 0
        if self.counts():
            self.tally.add(now - begin, status, exchange.answer)

    def counts(self):
        return not self.tally.ended and time.monotonic() >= self.start + self.tally.begin

    def close(self, exchange):
        if exchange in self.free:
            self.free.remove(exchange)
        del self.open[exchange.socket.fileno()]
        self.epoll.unregister(exchange.socket)  # a process that is being started may still hold it open
        exchange.socket.close()

    def end(self):
        """Waits for the last answers, which do not count."""
        self.tally.ended = True
        while any(exchange.begin is not None for exchange in self.open.values()):
            self.wait(time.monotonic() + 60)
        for exchange in list(self.open.values()):
            self.close(exchange)
        self.epoll.close()


def closed(port, request, connections, seconds):
    """Each client asks again when it has its answer."""
    tally = Tally(0)
    clients = Clients(port, request, tally)
    for _ in range(connections):
        clients.ask()
    while time.monotonic() < clients.start + seconds:
        for _ in range(clients.wait(clients.start + seconds)):
            clients.ask()
    tally.seconds = time.monotonic() - clients.start
    clients.end()
    return tally


def opened(port, request, rate, begin, seconds):
    """So many a second for all of these seconds; those before `begin` fill the queues, and do not count."""
    tally = Tally(begin)
    clients = Clients(port, request, tally)
    took = None
    for number in range(int(rate * seconds)):
        due = clients.start + number / rate
        while time.monotonic() < due:
            clients.wait(due)
        tally.late = max(tally.late, time.monotonic() - due)
        if took is None and number >= rate * begin:
            took = time.process_time()
        clients.ask()
    tally.seconds = time.monotonic() - clients.start - begin
    tally.processor = time.process_time() - took
    clients.end()
    return tally
