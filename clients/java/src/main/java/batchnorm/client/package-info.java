/**
 * Layers of the batchnorm service. Start at {@link batchnorm.client.BatchNormClient}.
 */
package batchnorm.client;
