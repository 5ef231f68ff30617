package batchnorm.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The shapes of vectors.
///
/// Loops call the vector classes directly, without helper methods that take or return vectors. If
/// the compiler does not inline such a method, it allocates every vector; inlining is guaranteed
/// only for the vector classes.
///
/// Loops over columns have a bound that the compiler recognizes (`loopBound`): indices are then
/// checked once for all iterations. That saves a fifth where each iteration reads several arrays.
/// Loops over the outputs of a plane use `at + COUNT < end` instead: when unrolled, their writes
/// are grouped, and uncached lines cost a tenth.
final class Lanes {
    /// At most 512 bits, as [Blocks#ACCUMULATORS] are two vectors or more. Tests set this property
    /// to select another width that the processor supports: 128, 256 or 512.
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

    /// As many lanes as [#DOUBLES], for widening.
    static final VectorSpecies<Float> HALVES =
            VectorSpecies.of(float.class, VectorShape.forBitSize(BITS / 2));

    /// The number of lanes of [#DOUBLES].
    static final int COUNT = DOUBLES.length();

    private Lanes() {}
}
