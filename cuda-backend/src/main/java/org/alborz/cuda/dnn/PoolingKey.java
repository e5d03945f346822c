package org.alborz.cuda.dnn;

import org.alborz.backend.Pool2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * What a pooling's plan depends on.
 *
 * @param maximum whether it takes the largest element of a window, and not the mean
 */
public record PoolingKey(boolean maximum, DType dtype, Pool2dParameters parameters, Shape x, Shape y) {}
