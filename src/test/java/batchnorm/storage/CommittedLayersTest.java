package batchnorm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import batchnorm.layer.Layer;
import batchnorm.layer.LayerName;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CommittedLayersTest {
    private static final LayerName NAME = Samples.name("layer");

    private final CommittedLayers committed = new CommittedLayers(1 << 20);
    private final Layer old = Samples.layer(NAME, 2);
    private final Layer next = old.trained(Samples.batch(0, 2), Samples.NOW);

    /// A reader loads the old version, the writer commits and publishes, and only then the load
    /// returns.
    private void publishDuringALoad(Runnable publication) throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        Thread reader =
                Thread.startVirtualThread(() -> committed.get(NAME, _ -> slowly(read, released)));
        read.await();
        Thread writer = Thread.startVirtualThread(publication);
        TimeUnit.MILLISECONDS.sleep(50);
        released.countDown();
        writer.join();
        reader.join();
    }

    private Layer slowly(CountDownLatch read, CountDownLatch released) {
        read.countDown();
        try {
            released.await();
        } catch (InterruptedException impossible) {
            throw new IllegalStateException(impossible);
        }
        return old;
    }

    @Test
    void aSlowReaderDoesNotBringBackAnOldVersion() throws Exception {
        publishDuringALoad(() -> committed.put(next));
        assertThat(committed.peek(NAME)).isEqualTo(next);
    }

    @Test
    void aSlowReaderDoesNotBringBackADeletedLayer() throws Exception {
        publishDuringALoad(() -> committed.forget(NAME));
        assertThat(committed.peek(NAME)).isNull();
    }

    @Test
    void staysWithinItsBytes() {
        for (int i = 0; i < 1000; i++) {
            committed.put(Samples.layer(Samples.name("layer-" + i), 1000));
        }
        List<LayerName> kept =
                IntStream.range(0, 1000)
                        .mapToObj(i -> Samples.name("layer-" + i))
                        .filter(name -> committed.peek(name) != null)
                        .toList();
        assertThat(kept).hasSizeBetween(10, 33); // of 33 kB each, in 1 MB
    }
}
