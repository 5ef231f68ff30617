/// Models of Keras: HDF5 files, alone or in a `.keras` archive, and the configurations in them.
@NullMarked
package batchnorm.codec.keras;

import org.jspecify.annotations.NullMarked;
