package batchnorm.codec.pytorch;

import java.util.Arrays;
import java.util.List;

/// An object of a pickle that has no counterpart in Java. Lists, dicts, strings, integers, floats
/// and booleans are a [List], a [java.util.Map], a [String], a [Long], a [Double] and a [Boolean].
sealed interface Pickled {

    /// `None`
    enum None implements Pickled {
        NONE
    }

    /// A tuple. Compared by identity, because its elements may contain it.
    final class Tuple implements Pickled {
        private final List<Object> elements;

        Tuple(List<Object> elements) {
            this.elements = List.copyOf(elements);
        }

        List<Object> elements() {
            return elements;
        }
    }

    /// A class or function, by its name. It is never run.
    record Global(String module, String name) implements Pickled {
        @Override
        public String toString() {
            return module + "." + name;
        }
    }

    /// A data object without tensors, such as `argparse.Namespace`. Its contents are dropped.
    record Opaque(Global type) implements Pickled {}

    /// The storage of one or more tensors, in the file.
    ///
    /// @param key its name in the file
    /// @param elements its length
    record Storage(String key, StorageType type, long elements) implements Pickled {
        long bytes() {
            return elements * type.bytes();
        }
    }

    /// A tensor: a view of a storage.
    ///
    /// @param offset of its first element
    /// @param strides the distance of neighbors along each axis, in elements
    record View(Storage storage, long offset, long[] dimensions, long[] strides)
            implements Pickled {

        long elements() {
            return Arrays.stream(dimensions).reduce(1, Math::multiplyExact);
        }

        /// Returns the elements of the storage from the first one of the view to its last one.
        long span() {
            if (elements() == 0) {
                return 0;
            }
            long last = 0;
            for (int axis = 0; axis < dimensions.length; axis++) {
                last = Math.addExact(last, Math.multiplyExact(dimensions[axis] - 1, strides[axis]));
            }
            return last + 1;
        }

        /// Returns whether its elements are those of its span, in row-major order.
        boolean isContiguous() {
            long expected = 1;
            for (int axis = dimensions.length - 1; axis >= 0; axis--) {
                if (dimensions[axis] != 1 && strides[axis] != expected) {
                    return false;
                }
                expected *= dimensions[axis];
            }
            return true;
        }
    }

    /// A tensor of a kind that is not supported, such as a sparse one.
    record UnreadableTensor(Global rebuild) implements Pickled {}
}
