package batchnorm.client;

/**
 * The result of a forward pass.
 *
 * @param contextId what a backward pass takes; null without a context
 * @param version of the layer
 */
public record Forward(Tensor output, String contextId, long version) {}
