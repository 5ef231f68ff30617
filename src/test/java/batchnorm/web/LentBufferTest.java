package batchnorm.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The buffer as Tomcat uses it: configured for writing, filled, configured for reading, drained.
class LentBufferTest {
    private final SocketMemory memory = new SocketMemory();
    private final LentBuffer buffer = new LentBuffer(memory);

    @Test
    void holdsNothingBeforeTheFirstByte() {
        assertThat(buffer.isWriteBufferEmpty()).isTrue();
        assertThat(buffer.isWriteBufferWritable()).isTrue();
        buffer.configureWriteBufferForRead();
        assertThat(buffer.getWriteBuffer().hasRemaining()).isFalse();
        buffer.rest();
        assertThat(FreeBuffers.of(memory)).hasSize(SocketMemory.BUFFERS);
    }

    @Test
    void gathersAndGivesInTurns() {
        buffer.configureWriteBufferForWrite();
        assertThat(buffer.isWriteBufferEmpty()).isTrue();
        buffer.getWriteBuffer().put(new byte[] {1, 2, 3});
        assertThat(buffer.isWriteBufferEmpty()).isFalse();
        assertThat(buffer.isWriteBufferWritable()).isTrue();
        buffer.configureWriteBufferForRead();
        buffer.configureWriteBufferForRead(); // once more changes nothing
        assertThat(buffer.isWriteBufferWritable()).isFalse();
        assertThat(buffer.getWriteBuffer().remaining()).isEqualTo(3);
        assertThat(buffer.getWriteBuffer().get()).isEqualTo((byte) 1);
        buffer.configureWriteBufferForWrite(); // what is left stays at its head
        buffer.getWriteBuffer().put((byte) 4);
        buffer.configureWriteBufferForRead();
        byte[] rest = new byte[3];
        buffer.getWriteBuffer().get(rest);
        assertThat(rest).containsExactly(2, 3, 4);
        assertThat(buffer.isWriteBufferEmpty()).isTrue();
        assertThat(buffer.isWriteBufferWritable()).isTrue();
    }

    @Test
    void isFullWhenItIsFull() {
        buffer.configureWriteBufferForWrite();
        buffer.getWriteBuffer().put(new byte[SocketMemory.SIZE]);
        assertThat(buffer.isWriteBufferWritable()).isFalse();
        assertThat(buffer.isWriteBufferEmpty()).isFalse();
    }

    @Test
    void keepsItsBufferAsLongAsSomethingIsInIt() {
        buffer.configureWriteBufferForWrite();
        buffer.getWriteBuffer().put((byte) 1);
        buffer.rest();
        assertThat(FreeBuffers.of(memory)).hasSize(SocketMemory.BUFFERS - 1);
        buffer.configureWriteBufferForRead();
        buffer.rest();
        assertThat(FreeBuffers.of(memory)).hasSize(SocketMemory.BUFFERS - 1);
        buffer.getWriteBuffer().get();
        buffer.rest();
        assertThat(FreeBuffers.of(memory)).hasSize(SocketMemory.BUFFERS);
        assertThat(buffer.isWriteBufferEmpty()).isTrue();
    }

    @Test
    void gathersLessWhenAllIsLent() {
        List<ByteBuffer> others = FreeBuffers.of(memory);
        others.forEach(_ -> memory.lend());
        buffer.configureWriteBufferForWrite();
        assertThat(buffer.getWriteBuffer().remaining()).isBetween(1, SocketMemory.SIZE - 1);
        buffer.rest(); // its own: nothing to give back
        assertThat(memory.lend()).isNull();
        others.forEach(memory::giveBack);
        buffer.configureWriteBufferForWrite();
        assertThat(buffer.getWriteBuffer().remaining()).isEqualTo(SocketMemory.SIZE);
    }

    /// Who ends a connection may be another thread than the one that writes to it.
    @Test
    void doesNotGiveBackWhatSomebodyMayStillBeWriting() {
        buffer.configureWriteBufferForWrite();
        buffer.getWriteBuffer().put((byte) 1);
        buffer.reset();
        buffer.free();
        assertThat(FreeBuffers.of(memory))
                .hasSize(SocketMemory.BUFFERS)
                .allSatisfy(lent -> assertThat(lent.get(0)).isZero());
        assertThat(buffer.isWriteBufferEmpty()).isTrue();
    }
}
