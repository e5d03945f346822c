package org.alborz.cuda.dnn;

import org.alborz.type.DType;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;

/** What a pooling's plan depends on. */
public record PoolingKey(DType dtype, Pool2dParameters parameters, Shape x, Shape y) {}
