package batchnorm.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The shapes of vectors.
///
/// Loops call the vector classes directly, without small methods of ours that would take or return
/// vectors: where the compiler does not inline such a method, it allocates every vector, and it
/// only promises to inline theirs.
///
/// Loops over columns have a bound that the compiler recognizes (`loopBound`): it then checks
/// indices once for all turns, worth a fifth where each turn reads a handful of arrays. Loops over
/// the outputs of a plane do not (`at + COUNT < end`): unrolled, their writes come in bunches,
/// which costs a tenth where lines to write are not in the cache.
final class Lanes {
    /// At most 512 bits, as [Blocks#ACCUMULATORS] are two vectors or more. Tests set another width
    /// of the processor by this property: 128, 256 or 512.
    private static final int BITS =
            Math.clamp(
                    Integer.getInteger(
                            "batchnorm.kernel.bits",
                            DoubleVector.SPECIES_PREFERRED.vectorBitSize()),
                    128,
                    512);

    static final VectorSpecies<Double> DOUBLES =
            VectorSpecies.of(double.class, VectorShape.forBitSize(BITS));

    static final VectorSpecies<Float> FLOATS =
            VectorSpecies.of(float.class, VectorShape.forBitSize(BITS));

    /// As many lanes as [#DOUBLES], to be widened to them.
    static final VectorSpecies<Float> HALVES =
            VectorSpecies.of(float.class, VectorShape.forBitSize(BITS / 2));

    /// The lanes of [#DOUBLES].
    static final int COUNT = DOUBLES.length();

    private Lanes() {}
}
