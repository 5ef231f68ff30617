/// NumPy's .npy arrays and .npz archives.
@NullMarked
package batchnorm.codec.npy;

import org.jspecify.annotations.NullMarked;
