/// SQL: layers kept in an embedded SQLite file, or in a PostgreSQL server that replicas share.
/// Implements the ports of `layer`; depends on `layer`, `normalization` and `tensor`.
///
/// Both stores commit alike: works that wait together run one after another in memory ([Draft]),
/// are saved in one transaction ([Batch]) and answered when it is durable ([Committer]). They
/// differ in their [Session].
@NullMarked
package batchnorm.storage;

import org.jspecify.annotations.NullMarked;
