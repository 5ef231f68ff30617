package batchnorm.collective;

import batchnorm.layer.ContextStore;
import batchnorm.layer.LayerName;
import batchnorm.layer.Shard;
import batchnorm.normalization.Config;
import batchnorm.normalization.Knob;
import batchnorm.normalization.MeanOfVariances;
import batchnorm.normalization.MergedMoments;
import batchnorm.normalization.Moments;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A large batch sent in chunks, in any order, of which only the moments are kept.
///
/// An accumulation is open until it is finished. The result is stored, so a retry returns the same.
public final class Accumulation implements Registry.Member {
    /// Bounds the chunks, which are recorded to count none twice.
    static final int MAX_CHUNKS = 1_000_000;

    private static final long BYTES_PER_CHANNEL =
            (long) MergedMoments.BYTES_PER_CHANNEL + MeanOfVariances.BYTES_PER_CHANNEL;

    /// Upper bound of a number, a fingerprint and a map entry.
    private static final long BYTES_PER_CHUNK = 512;

    private final String id;
    private final LayerName layer;
    private final ContextStore contexts;
    private final Map<Long, Chunk> chunks = new HashMap<>();
    private @Nullable MergedMoments moments;
    private @Nullable MeanOfVariances means;
    private @Nullable Config config;
    private ContextStore.@Nullable Reservation reservation;
    private @Nullable Finished finished;
    private int filled;

    Accumulation(String id, LayerName layer, ContextStore contexts) {
        this.id = id;
        this.layer = layer;
        this.contexts = contexts;
    }

    /// The progress of an accumulation.
    ///
    /// @param chunks the number of added chunks, including empty ones
    /// @param count values per channel
    public record Progress(int chunks, long count) {}

    /// The merged chunks.
    ///
    /// @param means of the chunks, each with equal weight
    /// @param filled the number of chunks that were not empty
    record Gathered(Moments moments, MeanOfVariances means, Config config, int filled) {}

    /// @param reservation of the memory of this record
    private record Chunk(String fingerprint, ContextStore.Reservation reservation) {}

    public String id() {
        return id;
    }

    public LayerName layer() {
        return layer;
    }

    /// Adds a chunk, unless it was added before.
    ///
    /// @param chunk its number; null for the next
    /// @throws PartConflict when a different chunk has this number, the layer's knobs have changed
    ///   since the first chunk, or the accumulation is finished
    synchronized Progress add(@Nullable Long chunk, String fingerprint, Shard shard) {
        long number = chunk == null ? next() : chunk;
        Chunk earlier = chunks.get(number);
        if (earlier != null && !earlier.fingerprint.equals(fingerprint)) {
            throw new PartConflict(
                    "chunk "
                            + number
                            + " was added with another body; a retry must send the same one");
        }
        if (earlier == null) {
            requireOpen();
            requireCapacity();
            requireSameKnobs(shard);
            merge(number, fingerprint, shard);
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
                            + "\" and \"policy\": \""
                            + Knob.word(finished.policy())
                            + "\"; open another");
        }
    }

    private void requireCapacity() {
        if (chunks.size() >= MAX_CHUNKS) {
            throw new PartConflict(
                    "this accumulation has "
                            + MAX_CHUNKS
                            + " chunks, which is the maximum; merge chunks before sending them");
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

    private void merge(long number, String fingerprint, Shard shard) {
        Moments chunk = shard.moments();
        if (reservation == null) {
            reservation = contexts.reserve(BYTES_PER_CHANNEL * chunk.channels());
        }
        ContextStore.Reservation chunkReservation = contexts.reserve(BYTES_PER_CHUNK);
        chunks.put(number, new Chunk(fingerprint, chunkReservation));
        try {
            MergedMoments added = MergedMoments.of(chunk);
            MeanOfVariances before =
                    means == null ? MeanOfVariances.ofNone(chunk.channels()) : means;
            moments = moments == null ? added : moments.plus(added);
            means = before.plus(chunk, shard.config());
            filled += chunk.isEmpty() ? 0 : 1;
        } catch (RuntimeException refused) {
            chunks.remove(number);
            chunkReservation.close();
            throw refused;
        }
    }

    /// Finishes the accumulation once; a retry returns the same result.
    ///
    /// @throws PartConflict when no chunk was added, or it was finished differently
    synchronized Finished finish(
            Finished.Apply apply, Finished.Policy policy, Function<Gathered, Finished> work) {
        if (finished != null && finished.apply() == apply && finished.policy() == policy) {
            return finished;
        }
        requireOpen();
        if (moments == null || means == null || config == null) {
            throw new PartConflict("no chunk was added yet");
        }
        finished = work.apply(new Gathered(moments.rounded(), means, config, filled));
        return finished;
    }

    @Override
    public boolean isBusy() {
        return false;
    }

    @Override
    public synchronized void close() {
        if (reservation != null) {
            reservation.close();
        }
        chunks.values().forEach(chunk -> chunk.reservation.close());
    }
}
