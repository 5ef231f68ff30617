package batchnorm.client;

/**
 * The gradients of a backward pass.
 *
 * @param gradGamma null for a layer without gamma, as is gradBeta without beta
 */
public record Gradients(Tensor gradInput, double[] gradGamma, double[] gradBeta) {}
