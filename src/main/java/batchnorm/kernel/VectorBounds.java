package batchnorm.kernel;

import static batchnorm.kernel.FloatParameters.LARGE;
import static batchnorm.kernel.FloatParameters.SMALL;
import static batchnorm.kernel.Lanes.COUNT;
import static batchnorm.kernel.Lanes.DOUBLES;
import static jdk.incubator.vector.DoubleVector.fromArray;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;

/// A vectorized form of [FloatParameters#fits]. For a batch of 64 samples, scalar checks cost up to
/// a tenth of the outputs. Lanes beyond the last parameter are 0, a value in range.
final class VectorBounds {
    private VectorBounds() {}

    static boolean fits(double[] centers, double[] factors, double[] addends) {
        return areSensible(centers) && areSensible(factors) && areBounded(addends);
    }

    static boolean areSensible(double[] values) {
        VectorMask<Double> sensible = DOUBLES.maskAll(true);
        for (int i = 0; i < values.length; i += COUNT) {
            VectorMask<Double> here = DOUBLES.indexInRange(i, values.length);
            DoubleVector size = fromArray(DOUBLES, values, i, here).abs();
            VectorMask<Double> enough = size.compare(GE, SMALL).or(size.compare(EQ, 0));
            sensible = sensible.and(enough).and(size.compare(LE, LARGE));
        }
        return sensible.allTrue();
    }

    static boolean areBounded(double[] values) {
        VectorMask<Double> bounded = DOUBLES.maskAll(true);
        for (int i = 0; i < values.length; i += COUNT) {
            VectorMask<Double> here = DOUBLES.indexInRange(i, values.length);
            DoubleVector size = fromArray(DOUBLES, values, i, here).abs();
            bounded = bounded.and(size.compare(LE, LARGE));
        }
        return bounded.allTrue();
    }
}
