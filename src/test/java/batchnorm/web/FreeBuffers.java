package batchnorm.web;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// The buffers that nobody has, by borrowing all there are and giving them back.
final class FreeBuffers {
    private FreeBuffers() {}

    static List<ByteBuffer> of(SocketMemory memory) {
        List<ByteBuffer> free = new ArrayList<>();
        for (ByteBuffer next = memory.lend(); next != null; next = memory.lend()) {
            free.add(next);
        }
        free.forEach(memory::giveBack);
        return free;
    }
}
