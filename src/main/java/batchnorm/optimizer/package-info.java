/// RULES: how a parameter follows its gradient, and what is remembered from step to step; pure
/// functions of vectors. Depends on `tensor`.
@NullMarked
package batchnorm.optimizer;

import org.jspecify.annotations.NullMarked;
