/// The command line: commands on model files, without a server and without Spring.
@NullMarked
package batchnorm.cli;

import org.jspecify.annotations.NullMarked;
