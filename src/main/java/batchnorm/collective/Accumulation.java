package batchnorm.collective;

import batchnorm.layer.ContextStore;
import batchnorm.layer.LayerName;
import batchnorm.layer.Shard;
import batchnorm.normalization.Config;
import batchnorm.normalization.MergedMoments;
import batchnorm.normalization.Moments;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One large batch that comes in chunks, in any order, of which only the moments are kept.
///
/// It is open, then finished: what finishing did is remembered, so that a retry answers the same.
public final class Accumulation implements Registry.Member {
    /// Chunks that are told apart, so that none is counted twice.
    static final int MAX_CHUNKS = 1_000_000;

    /// A number, a fingerprint and a map's entry, generously.
    private static final long BYTES_PER_CHUNK = 512;

    private final String id;
    private final LayerName layer;
    private final ContextStore contexts;
    private final Map<Long, Chunk> chunks = new HashMap<>();
    private @Nullable MergedMoments moments;
    private @Nullable Config config;
    private ContextStore.@Nullable Reservation room;
    private @Nullable Finished finished;
    private int filled;

    Accumulation(String id, LayerName layer, ContextStore contexts) {
        this.id = id;
        this.layer = layer;
        this.contexts = contexts;
    }

    /// What an accumulation has gathered.
    ///
    /// @param chunks that were added, empty ones too
    /// @param count values per channel
    public record Progress(int chunks, long count) {}

    /// What all chunks came to.
    ///
    /// @param filled chunks that were not empty
    record Gathered(Moments moments, Config config, int filled) {}

    /// @param room for what is remembered of it
    private record Chunk(String fingerprint, ContextStore.Reservation room) {}

    public String id() {
        return id;
    }

    public LayerName layer() {
        return layer;
    }

    /// Adds a chunk; one that was added before is not added again.
    ///
    /// @param chunk its number; null for the next
    /// @throws PartConflict when another chunk has this number, the layer's knobs have changed
    ///   since the first, or all is finished
    synchronized Progress add(@Nullable Long chunk, String fingerprint, Shard shard) {
        long number = chunk == null ? next() : chunk;
        Chunk earlier = chunks.get(number);
        if (earlier != null && !earlier.fingerprint.equals(fingerprint)) {
            throw new PartConflict(
                    "chunk "
                            + number
                            + " was added with another body; a retry has to send the same one");
        }
        if (earlier == null) {
            requireOpen();
            requireRoom();
            requireSameKnobs(shard);
            merge(number, fingerprint, shard.moments());
        }
        return new Progress(chunks.size(), moments == null ? 0 : moments.count());
    }

    private long next() {
        long number = chunks.size();
        while (chunks.containsKey(number)) {
            number++;
        }
        return number;
    }

    private void requireOpen() {
        if (finished != null) {
            throw new PartConflict(
                    "this accumulation is finished, with \"apply\": \""
                            + finished.apply().word()
                            + "\"; open another");
        }
    }

    private void requireRoom() {
        if (chunks.size() >= MAX_CHUNKS) {
            throw new PartConflict(
                    "this accumulation has "
                            + MAX_CHUNKS
                            + " chunks, and takes no more; merge some before you send them");
        }
    }

    private void requireSameKnobs(Shard shard) {
        if (config == null) {
            config = shard.config();
        }
        if (!config.equals(shard.config())) {
            throw new PartConflict(
                    "the layer's knobs have changed since the first chunk; open another accumulation");
        }
    }

    private void merge(long number, String fingerprint, Moments chunk) {
        if (room == null) {
            room = contexts.reserve((long) MergedMoments.BYTES_PER_CHANNEL * chunk.channels());
        }
        ContextStore.Reservation remembered = contexts.reserve(BYTES_PER_CHUNK);
        chunks.put(number, new Chunk(fingerprint, remembered));
        try {
            MergedMoments added = MergedMoments.of(chunk);
            moments = moments == null ? added : moments.plus(added);
            filled += chunk.isEmpty() ? 0 : 1;
        } catch (RuntimeException refused) {
            chunks.remove(number);
            remembered.close();
            throw refused;
        }
    }

    /// Does something with what all chunks came to, once; a retry answers the same.
    ///
    /// @throws PartConflict when nothing was added, or it was finished otherwise
    synchronized Finished finish(Finished.Apply apply, Function<Gathered, Finished> work) {
        if (finished != null && finished.apply() == apply) {
            return finished;
        }
        requireOpen();
        if (moments == null || config == null) {
            throw new PartConflict("no chunk was added yet");
        }
        finished = work.apply(new Gathered(moments.rounded(), config, filled));
        return finished;
    }

    @Override
    public boolean isBusy() {
        return false;
    }

    @Override
    public synchronized void close() {
        if (room != null) {
            room.close();
        }
        chunks.values().forEach(chunk -> chunk.room.close());
    }
}
