/// SQL: layers kept in an embedded SQLite file, or in a PostgreSQL server that replicas share.
/// Implements the ports of `layer`; depends on `layer`, `normalization` and `tensor`.
///
/// Both stores commit alike: works that wait together run one after another in memory
/// ([LayerUnitOfWork]), are saved in one transaction ([GroupCommit]) and answered when it is
/// durable ([CommitThread]). They differ in their [Session].
@NullMarked
package batchnorm.storage;

import org.jspecify.annotations.NullMarked;
