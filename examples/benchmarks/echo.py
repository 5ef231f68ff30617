#!/usr/bin/env python3
"""A server that sends back what it gets, and does nothing else: what the network and the client take of a request.

    python3 echo.py PORT

POST /?N answers with the first N bytes of the body. One thread a connection, one buffer, HTTP/1.1 with Content-Length only.
"""
import re
import socket
import sys
import threading


def serve(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffer = bytearray(1 << 16)
    while True:
        count = 0
        while (end := buffer.find(b"\r\n\r\n", 0, count)) < 0:
            received = connection.recv_into(memoryview(buffer)[count:])
            if not received:
                return
            count += received
        head, end = bytes(buffer[:end + 4]), end + 4
        length = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)[1])
        if len(buffer) < end + length:
            buffer.extend(bytes(end + length - len(buffer)))
        while count < end + length:
            count += connection.recv_into(memoryview(buffer)[count:end + length])
        size = int(re.match(rb"POST /\?(\d+)", head)[1])
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
        connection.sendmsg([answer])
        connection.sendall(memoryview(buffer)[end:end + size])


def main():
    with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1024) as server:
        while True:
            threading.Thread(target=serve, args=server.accept()[:1], daemon=True).start()


main()
