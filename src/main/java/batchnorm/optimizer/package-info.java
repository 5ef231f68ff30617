/// RULES: updates of parameters from their gradients, and the state between steps; pure functions
/// of vectors. Depends on `tensor`.
@NullMarked
package batchnorm.optimizer;

import org.jspecify.annotations.NullMarked;
