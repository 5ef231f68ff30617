/// BYTES: requests and answers as JSON, npy, npz, safetensors and raw arrays; an encoder and a
/// decoder each. Depends on `tensor`.
@NullMarked
package batchnorm.codec;

import org.jspecify.annotations.NullMarked;
