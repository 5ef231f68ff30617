/// SQL stores of layers: an embedded SQLite file, or a PostgreSQL server shared by replicas.
/// Implements the ports of `layer`; depends on `layer`, `normalization` and `tensor`.
///
/// Both stores commit alike. Waiting works run one after another in memory ([LayerUnitOfWork]) and
/// are saved in one transaction ([GroupCommit]). Callers get their results when it is durable
/// ([CommitThread]). The stores differ in their [Session].
@NullMarked
package batchnorm.storage;

import org.jspecify.annotations.NullMarked;
